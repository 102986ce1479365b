// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.RequestKey;
import io.freshet.spi.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/// How every store must remember what became of a request (`spi.Store#outcome`).
public abstract class OutcomeContractSuite extends StoreContract {
  private static final DocumentKey JACK = key("driver/jack");
  private static final DocumentKey JILL = key("driver/jill");
  private static final RequestKey REQUEST = new RequestKey("ada", "driver/jack", "key 1");

  private List<Change> outcome(RequestKey request) {
    return store().outcome(request).toCompletableFuture().join();
  }

  private Change create(RequestKey request, DocumentKey key) {
    return commitOn(key, d -> Writes.requested(request, Writes.replace(d, json("{\"speed\":70}"))));
  }

  @Test
  void knowsNothingOfRequestsThatWereNeverMade() {
    commitOn(JACK, d -> Writes.create(d, JsonObject.empty()));

    assertEquals(List.of(), outcome(REQUEST));
  }

  @Test
  void tellsTheChangeOfARequest() {
    commitOn(JACK, d -> Writes.create(d, JsonObject.empty()));
    Change change = create(REQUEST, JACK);
    commitOn(JACK, d -> Writes.set(d, "speed", "80"));
    assertEquals(List.of(change), outcome(REQUEST));

    settle();

    assertEquals(List.of(change), outcome(REQUEST));
  }

  @Test
  void tellsRequestsApart() {
    List<RequestKey> requests =
        List.of(
            new RequestKey("a", "b", "c"),
            new RequestKey("ab", "", "c"),
            new RequestKey("a", "bc", ""),
            new RequestKey("", "a", "bc"),
            new RequestKey("a", "c", "b"),
            new RequestKey("a", "b", "\u00e7\uD83E\uDD8A"));
    var changes = new ArrayList<Change>();
    for (int i = 0; i < requests.size(); i++) {
      changes.add(create(requests.get(i), key("driver/" + i)));
    }

    settle();

    for (int i = 0; i < requests.size(); i++) {
      assertEquals(List.of(changes.get(i)), outcome(requests.get(i)));
    }
    assertEquals(List.of(), outcome(new RequestKey("a", "b", "d")));
  }

  @Test
  void tellsAllChangesOfABatchInOrder() {
    var writes = new ArrayList<Write>();
    for (DocumentKey key : List.of(JILL, key("driver/x"), JACK)) {
      Write create = Writes.inBatch("b", Writes.create(Document.missing(key), JsonObject.empty()));
      writes.add(Writes.requested(REQUEST, create));
      writes.add(Writes.create(Document.missing(key(key.id())), JsonObject.empty()));
    }

    List<Change> changes = commitAll(writes);
    settle();

    assertEquals(List.of(changes.get(0), changes.get(2), changes.get(4)), outcome(REQUEST));
  }

  @Test
  void tellsChangesOfSeveralCollections() {
    Write driver = Writes.create(Document.missing(JACK), json("{\"n\":1}"));
    Write car = Writes.create(Document.missing(key("cars/jack")), json("{\"n\":2}"));

    List<Change> changes =
        commitAll(List.of(Writes.requested(REQUEST, driver), Writes.requested(REQUEST, car)));
    settle();

    assertEquals(byKey(changes), byKey(outcome(REQUEST)));
  }

  private static List<Change> byKey(List<Change> changes) {
    return changes.stream().sorted(Comparator.comparing(Change::key)).toList();
  }

  @Test
  void remembersNothingOfConflicts() {
    Document missing = Document.missing(JACK);
    commit(Writes.create(missing, JsonObject.empty()));

    store().commit(List.of(Writes.requested(REQUEST, Writes.create(missing, JsonObject.empty()))));

    assertEquals(List.of(), outcome(REQUEST));
  }

  @Test
  void remembersTheLatestOutcome() {
    create(REQUEST, JACK);
    Change second = create(REQUEST, JACK);

    assertEquals(List.of(second), outcome(REQUEST));
    settle();
    assertEquals(List.of(second), outcome(REQUEST));
    clock.advance(Duration.ofMinutes(9));
    Change third = create(REQUEST, JILL);
    assertEquals(List.of(third), outcome(REQUEST));
  }

  @Test
  void forgetsAfterTenMinutes() {
    for (int i = 0; i < 5; i++) {
      var request = new RequestKey("ada", "driver", "key " + i);
      Change change = create(request, key("driver/" + i));
      clock.advance(Duration.ofSeconds(599));
      settle();
      assertEquals(List.of(change), outcome(request));
      clock.advance(Duration.ofSeconds(2));
      assertEquals(List.of(), outcome(request));
      settle();
      assertEquals(List.of(), outcome(request));
    }
  }

  @Test
  void remembersWhenTheClockGoesBack() {
    Change change = create(REQUEST, JACK);
    clock.advance(Duration.ofHours(-5));
    settle();
    assertEquals(List.of(change), outcome(REQUEST));

    var other = new RequestKey("ada", "driver/jill", "1");
    Change late = create(other, JILL);
    settle();

    assertEquals(List.of(change), outcome(REQUEST));
    assertEquals(List.of(late), outcome(other));
  }
}
