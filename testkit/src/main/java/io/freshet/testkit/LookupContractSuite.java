// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Operation;
import io.freshet.protocol.Position;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.Listed;
import io.freshet.spi.LogState;
import io.freshet.spi.RequestKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// How every store must find things: the documents of a collection, a document's changes, what has
/// expired, the place of an event id.
public abstract class LookupContractSuite extends StoreContract {
  private static final DocumentKey JACK = key("driver/jack");
  private static final DocumentKey JILL = key("driver/jill");

  private static final Comparator<String> BY_BYTES =
      (one, other) ->
          Arrays.compareUnsigned(
              one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));

  private Change create(DocumentKey key) {
    return commitOn(key, d -> Writes.replace(d, json("{\"n\":1}")));
  }

  private List<String> ids(String collection, @Nullable String after, int max) {
    return store().scan(collection, after, max).stream()
        .map(listed -> listed.document().key().id())
        .toList();
  }

  @Test
  void scansNothingWhereNothingIs() {
    create(key("cars/a"));

    assertEquals(List.of(), store().scan("driver", null, 10));
    assertEquals(List.of(), store().scan("car", null, 10));
    assertEquals(List.of(), store().scan("cars", "a", 10));
  }

  /// U+FF5E stands before U+1F98A in bytes, and behind it in UTF-16.
  @Test
  void scansInTheByteOrderOfIds() {
    List<String> ids =
        List.of("b", "a", "aa", "B", "a b", "\u00e9", "\uFF5E", "\uD83E\uDD8A", "10", "9", "a/b");
    for (int i = 0; i < ids.size(); i++) {
      create(new DocumentKey("driver", ids.get(i)));
      if (i == ids.size() / 2) {
        settle();
      }
    }
    List<String> sorted = ids.stream().sorted(BY_BYTES).toList();

    assertEquals(sorted, ids("driver", null, 100));
    assertEquals(sorted.subList(0, 3), ids("driver", null, 3));
    for (int i = 0; i < sorted.size(); i++) {
      assertEquals(sorted.subList(i + 1, sorted.size()), ids("driver", sorted.get(i), 100));
    }
    assertEquals(sorted.subList(2, 4), ids("driver", sorted.get(1), 2));
    assertEquals(List.of("a b"), ids("driver", "a ", 1), "behind an id that is not there");
  }

  @Test
  void scansLiveOnesOpeningsAndTombstonesWithTheirOffsets() {
    Change live = create(key("driver/a"));
    Change opened = commitOn(key("driver/b"), Writes::open);
    create(key("driver/c"));
    Change deleted = commitOn(key("driver/c"), Writes::deleteRestorably);
    create(key("cars/a"));
    Change late = create(key("driver/d"));
    List<Listed> expected = listed(live, opened, deleted, late);
    assertEquals(expected, store().scan("driver", null, 10));

    settle();

    assertEquals(expected, store().scan("driver", null, 10));
    Change changed = commitOn(key("driver/a"), d -> Writes.set(d, "n", "2"));
    assertEquals(listed(changed, opened, deleted, late), store().scan("driver", null, 10));
  }

  private static List<Listed> listed(Change... changes) {
    return Arrays.stream(changes)
        .map(change -> new Listed(change.after(), change.position().offset()))
        .toList();
  }

  @Test
  void tellsTheHistoryOldestFirst() {
    var changes = new ArrayList<Change>();
    changes.add(commitOn(JACK, Writes::open));
    changes.add(create(JACK));
    create(JILL);
    changes.add(commitOn(JACK, d -> Writes.set(d, "n", "2")));
    settle();
    changes.add(commitOn(JACK, Writes::deleteRestorably));
    changes.add(commitOn(JACK, Writes::restore));
    changes.add(commitOn(JACK, Writes::delete));
    create(JILL);
    changes.add(commitOn(JACK, Writes::open));
    changes.add(create(JACK));

    assertEquals(changes, store().history(JACK, -1, 100));
    assertEquals(changes.subList(1, 8), store().history(JACK, 0, 100));
    assertEquals(changes.subList(1, 3), store().history(JACK, 0, 2));
    assertEquals(changes.subList(3, 4), store().history(JACK, 2, 1));
    assertEquals(changes.subList(5, 8), store().history(JACK, 4, 100));
    assertEquals(List.of(changes.getLast()), store().history(JACK, 5, 100));
    assertEquals(List.of(), store().history(JACK, 6, 100));
    assertEquals(List.of(), store().history(key("driver/nobody"), 0, 100));
    assertEquals(List.of(), store().history(key("nowhere/nobody"), 0, 100));
  }

  @Test
  void tellsALongHistoryInPages() {
    var changes = new ArrayList<Change>();
    JsonObject large = new RandomJson(new SplittableRandom(3)).large(30_000);
    changes.add(commitOn(JACK, d -> Writes.create(d, large)));
    for (int i = 0; i < 200; i++) {
      String n = Integer.toString(i);
      changes.add(commitOn(JACK, d -> Writes.set(d, "n", n)));
    }
    settle();

    var read = new ArrayList<Change>();
    List<Change> page = store().history(JACK, 0, 17);
    while (!page.isEmpty()) {
      read.addAll(page);
      page = store().history(JACK, page.getLast().revision(), 17);
    }

    assertEquals(changes, read);
  }

  @Test
  void findsWhatHasExpiredSoonestFirst() {
    long now = clock.millis();
    for (int i : List.of(3, 1, 5, 2, 4)) {
      commitOn(
          key((i % 2 == 0 ? "cars/" : "driver/") + i),
          d -> Writes.expiring(now + i * 1_000L, Writes.create(d, JsonObject.empty())));
      if (i == 5) {
        settle();
      }
    }
    create(key("driver/never"));
    List<DocumentKey> soonest =
        List.of(key("driver/1"), key("cars/2"), key("driver/3"), key("cars/4"));

    assertEquals(List.of(), store().expired(now, 10));
    assertEquals(soonest.subList(0, 1), store().expired(now + 1_000, 10));
    assertEquals(soonest, store().expired(now + 4_999, 10));
    assertEquals(soonest.subList(0, 2), store().expired(now + 4_999, 2));
    settle();
    assertEquals(soonest, store().expired(now + 4_999, 10));
    assertEquals(soonest.subList(0, 3), store().expired(now + 4_999, 3));
  }

  @Test
  void forgetsTheTimeOfWhatIsTouchedOrDeleted() {
    long now = clock.millis();
    List<DocumentKey> keys = List.of(key("a/touched"), key("a/never"), key("a/deleted"), JACK);
    keys.forEach(
        key -> commitOn(key, d -> Writes.expiring(now, Writes.create(d, JsonObject.empty()))));
    settle();
    assertEquals(4, store().expired(now, 10).size());
    commitOn(keys.get(0), d -> Writes.expiring(now + 5, Writes.mutate(d, List.of())));
    commitOn(keys.get(1), d -> Writes.expiring(0, Writes.mutate(d, List.of())));
    commitOn(keys.get(2), Writes::expire);

    assertEquals(List.of(JACK), store().expired(now, 10));
    settle();
    assertEquals(List.of(JACK), store().expired(now, 10));
    assertEquals(List.of(JACK, keys.get(0)), store().expired(now + 5, 10));
    assertEquals(Life.TOMBSTONE, load(keys.get(2)).life());
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("io.freshet.testkit.Seeds#all")
  void findsInAnyHistoryWhatTheLogSays(long seed) {
    var random = new SplittableRandom(seed);
    var history = new RandomHistory(random, List.of("cars", "_", "driver"), 15);
    Map<DocumentKey, List<Change>> changes = new HashMap<>();
    for (int round = 0; round < 60; round++) {
      for (Change change : commitAll(history.batch(10))) {
        changes.computeIfAbsent(change.key(), key -> new ArrayList<>()).add(change);
      }
      if (random.nextInt(6) == 0) {
        settle();
      }
      if (random.nextInt(4) == 0) {
        assertFound(changes, random);
      }
    }
  }

  private void assertFound(Map<DocumentKey, List<Change>> changes, SplittableRandom random) {
    for (DocumentKey key : changes.keySet()) {
      long after = random.nextInt(-1, 6);
      int max = random.nextInt(1, 20);
      assertEquals(
          changes.get(key).stream().filter(c -> c.revision() > after).limit(max).toList(),
          store().history(key, after, max));
    }
    List<Change> lasts = changes.values().stream().map(List::getLast).toList();
    for (String collection : List.of("cars", "_", "driver")) {
      List<Change> own =
          lasts.stream()
              .filter(change -> change.key().collection().equals(collection))
              .sorted(Comparator.comparing(change -> change.key().id(), BY_BYTES))
              .toList();
      assertEquals(listed(own.toArray(Change[]::new)), store().scan(collection, null, 100));
    }
    long until = random.nextLong(1L << 42);
    assertEquals(
        lasts.stream()
            .map(Change::after)
            .filter(document -> document.isExpired(until))
            .sorted(Comparator.comparingLong(Document::expiresAt))
            .map(Document::key)
            .toList(),
        store().expired(until, 100));
  }

  @Test
  void locatesEveryIdItGave() {
    var changes = new ArrayList<Change>();
    for (int i = 0; i < 5; i++) {
      changes.add(create(i % 2 == 0 ? JACK : key("cars/jack")));
    }
    settle();
    changes.add(create(JILL));

    for (Change change : changes) {
      assertEquals(change.position(), store().locate(change.id()));
    }
  }

  @Test
  void locatesTheHeadOfEveryLog() {
    for (LogState state : store().logs()) {
      assertEquals(new Position(state.log(), state.epoch(), 0), store().locate(state.headId()));
    }
    create(JACK);
    for (LogState state : store().logs()) {
      assertEquals(
          new Position(state.log(), state.epoch(), state.head()), store().locate(state.headId()));
    }
  }

  @Test
  void locatesNothingThatWasNeverGiven() {
    EventId id = create(JACK).id();

    assertNull(store().locate(EventId.NONE));
    assertNull(store().locate(EventId.of(id.timeMs(), id.tag() + 1_000, id.offset())));
    assertNull(store().locate(EventId.of(id.timeMs(), id.tag(), id.offset() + 1)));
  }

  @Test
  void refusesOnceClosed() {
    var closed = store();
    stop();

    assertRefused(ErrorCode.UNAVAILABLE, () -> closed.scan("driver", null, 1));
    assertRefused(ErrorCode.UNAVAILABLE, () -> closed.history(JACK, 0, 1));
    assertRefused(ErrorCode.UNAVAILABLE, () -> closed.expired(1, 1));
    assertRefused(ErrorCode.UNAVAILABLE, () -> closed.locate(EventId.NONE));
    assertRefused(
        ErrorCode.UNAVAILABLE, () -> closed.outcome(new RequestKey("ada", "driver", "1")));
  }

  @Test
  void keepsOpeningsInTheHistory() {
    Change opening = commitOn(JACK, Writes::open);
    LogId log = opening.position().log();

    assertEquals(Operation.OPEN, store().history(JACK, -1, 1).getFirst().operation());
    assertEquals(List.of(), store().history(JACK, 0, 1));
    assertEquals(List.of(opening), store().read(log, "driver", 1, 1));
  }
}
