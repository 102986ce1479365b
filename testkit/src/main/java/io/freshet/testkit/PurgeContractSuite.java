// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.CommitResult;
import io.freshet.spi.Listed;
import io.freshet.spi.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// How every store must forget deleted documents (`spi.Store`, tombstones).
public abstract class PurgeContractSuite extends StoreContract {
  /// How long tombstones are kept here.
  protected static final Duration KEPT = Duration.ofHours(24);

  private static final DocumentKey JACK = key("driver/jack");
  private static final DocumentKey JILL = key("driver/jill");

  /// Lets the store forget what it may forget by now.
  protected abstract void purge();

  private void delete(DocumentKey key) {
    commitOn(key, d -> Writes.replace(d, json("{\"n\":1}")));
    commitOn(key, Writes::deleteRestorably);
  }

  private void purgeAfter(Duration duration) {
    clock.advance(duration);
    purge();
  }

  @Test
  void forgetsATombstoneWhenItsTimeIsOver() {
    delete(JACK);
    Document tombstone = load(JACK);
    purgeAfter(KEPT.minusSeconds(1));
    assertEquals(tombstone, load(JACK));
    assertEquals(2, store().history(JACK, 0, 10).size());

    purgeAfter(Duration.ofSeconds(2));

    assertEquals(Document.missing(JACK), load(JACK));
    assertEquals(List.of(), store().history(JACK, -1, 10));
    assertEquals(List.of(), store().scan("driver", null, 10));
    settle();
    assertEquals(Document.missing(JACK), load(JACK));
  }

  @Test
  void forgetsWhateverDeleteItWas() {
    List<DocumentKey> keys = List.of(key("a/dropped"), key("a/kept"), key("cars/expired"), JACK);
    keys.forEach(
        key -> commitOn(key, d -> Writes.expiring(5, Writes.create(d, json("{\"n\":1}")))));
    commitOn(keys.get(0), Writes::delete);
    commitOn(keys.get(1), Writes::deleteRestorably);
    commitOn(keys.get(2), Writes::expire);

    purgeAfter(KEPT.plusSeconds(1));

    for (DocumentKey key : keys.subList(0, 3)) {
      assertEquals(Document.missing(key), load(key));
    }
    assertEquals(1, load(JACK).revision());
    assertEquals(List.of(JACK), store().expired(clock.millis(), 10));
  }

  @Test
  void keepsWhatCameBackInTime() {
    List<DocumentKey> keys =
        List.of(key("a/created"), key("a/restored"), key("a/opened"), key("a/deleted"));
    keys.forEach(this::delete);
    purgeAfter(KEPT.minusHours(1));
    settle();
    var kept = new ArrayList<Document>();
    kept.add(commitOn(keys.get(0), d -> Writes.create(d, JsonObject.empty())).after());
    kept.add(commitOn(keys.get(1), Writes::restore).after());
    kept.add(commitOn(keys.get(2), Writes::open).after());
    commitOn(keys.get(3), d -> Writes.create(d, JsonObject.empty()));
    kept.add(commitOn(keys.get(3), Writes::delete).after());

    purgeAfter(Duration.ofHours(2));
    settle();
    purge();

    assertEquals(kept, store().load(keys).toCompletableFuture().join());
    assertEquals(3, store().history(keys.get(0), -1, 10).size());
  }

  /// Whoever still holds the tombstone decides on a revision that is gone.
  @Test
  void aWriteDecidedOnAForgottenTombstoneConflicts() {
    delete(JACK);
    Document tombstone = load(JACK);
    purgeAfter(KEPT.plusSeconds(1));

    for (Write write :
        List.of(
            Writes.create(tombstone, JsonObject.empty()),
            Writes.restore(tombstone),
            Writes.open(tombstone))) {
      assertEquals(
          List.of(new CommitResult.Conflict(Document.missing(JACK))),
          store().commit(List.of(write)));
    }
  }

  @Test
  void theNextLifeBeginsAtRevisionOneWithItsOwnHistory() {
    delete(JACK);
    delete(JILL);
    purgeAfter(KEPT.plusSeconds(1));

    var life = new ArrayList<Change>();
    life.add(commitOn(JACK, d -> Writes.create(d, json("{\"n\":2}"))));
    settle();
    life.add(commitOn(JACK, d -> Writes.set(d, "n", "3")));
    life.add(commitOn(JACK, Writes::deleteRestorably));

    assertEquals(List.of(1L, 2L, 3L), life.stream().map(Change::revision).toList());
    assertEquals(Document.missing(JACK), life.getFirst().before());
    assertEquals(life, store().history(JACK, -1, 10));
    assertEquals(
        List.of(new Listed(life.getLast().after(), life.getLast().position().offset())),
        store().scan("driver", null, 10));
    purgeAfter(KEPT.minusSeconds(1));
    assertEquals(3, load(JACK).revision());
    purgeAfter(Duration.ofSeconds(2));
    assertEquals(Document.missing(JACK), load(JACK));
  }

  @Test
  void leavesTheLogAsItIs() {
    var changes = new ArrayList<Change>();
    for (int life = 0; life < 3; life++) {
      changes.add(commitOn(JACK, d -> Writes.create(d, json("{\"n\":1}"))));
      changes.add(commitOn(JACK, d -> Writes.set(d, "m", "2")));
      changes.add(commitOn(JACK, Writes::deleteRestorably));
      if (life == 1) {
        settle();
      }
      purgeAfter(KEPT.plusSeconds(1));
      settle();
    }

    assertEquals(changes, readAll(store().logOf("driver"), null));
    assertEquals(changes, readAll(store().logOf("driver"), "driver"));
  }
}
