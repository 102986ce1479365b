// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.spi.CommitResult;
import io.freshet.spi.Health;
import io.freshet.spi.LogState;
import io.freshet.spi.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What every store must do with commits, loads and reads (`spi.Store`). A backend extends this
/// class as its `*ContractTest`.
public abstract class StoreContractSuite extends StoreContract {
  private static final DocumentKey JACK = key("driver/jack");
  private static final DocumentKey JILL = key("driver/jill");
  private static final DocumentKey PLAIN = key("plain");

  @Test
  void answersMissingForWhatWasNeverWritten() {
    List<Document> loaded = store().load(List.of(JACK, PLAIN)).toCompletableFuture().join();

    assertEquals(List.of(Document.missing(JACK), Document.missing(PLAIN)), loaded);
  }

  @Test
  void loadsWhatWasCommitted() {
    Change change = commit(Writes.create(Document.missing(JACK), json("{\"speed\":70}")));

    assertEquals(1, change.revision());
    assertEquals(Document.missing(JACK), change.before());
    assertEquals(change.after(), load(JACK));
    assertEquals(json("{\"speed\":70}"), load(JACK).data());
    assertEquals(Writes.ACTOR, change.actor());
  }

  @Test
  void answersLoadsInTheOrderAsked() {
    commit(Writes.create(Document.missing(JACK), json("{\"n\":1}")));
    commit(Writes.create(Document.missing(PLAIN), json("{\"n\":2}")));

    List<Document> loaded =
        store().load(List.of(PLAIN, JILL, JACK, PLAIN)).toCompletableFuture().join();

    assertEquals(List.of(PLAIN, JILL, JACK, PLAIN), loaded.stream().map(Document::key).toList());
    assertEquals(List.of(1L, 0L, 1L, 1L), loaded.stream().map(Document::revision).toList());
  }

  @Test
  void givesOffsetsWithoutGapInTheOrderOfTheWrites() {
    var changes = new ArrayList<Change>();
    for (int i = 0; i < 5; i++) {
      changes.addAll(
          commitAll(
              List.of(
                  Writes.create(Document.missing(key("driver/a" + i)), JsonObject.empty()),
                  Writes.create(Document.missing(key("b" + i)), JsonObject.empty()),
                  Writes.create(Document.missing(key("driver/c" + i)), JsonObject.empty()))));
    }

    for (LogState state : store().logs()) {
      List<Change> own = changes.stream().filter(c -> isIn(state.log(), c)).toList();
      assertEquals(own.size(), state.head());
      for (int i = 0; i < own.size(); i++) {
        assertEquals(i + 1, own.get(i).position().offset());
        assertEquals(state.epoch(), own.get(i).position().epoch());
      }
    }
  }

  private static boolean isIn(LogId log, Change change) {
    return change.position().log().equals(log);
  }

  @Test
  void beginsWithOldestOneAndHeadZero() {
    for (LogState state : store().logs()) {
      assertEquals(1, state.oldest());
      assertEquals(0, state.head());
      assertTrue(state.epoch() >= 1);
      assertTrue(store().durabilities().contains(state.durability()));
    }
  }

  @Test
  void appliesSeveralWritesToOneDocumentOneAfterTheOther() {
    Write create = Writes.create(Document.missing(JACK), json("{\"n\":0}"));
    Write second = Writes.set(create.after(), "n", "1");
    Write third = Writes.set(second.after(), "m", "2");

    List<Change> changes = commitAll(List.of(create, second, third));

    assertEquals(List.of(1L, 2L, 3L), changes.stream().map(Change::revision).toList());
    assertEquals(changes.get(0).after(), changes.get(1).before());
    assertEquals(changes.get(1).after(), changes.get(2).before());
    assertEquals(json("{\"n\":1,\"m\":2}"), load(JACK).data());
    assertEquals(changes.get(2).after(), load(JACK));
  }

  @Test
  void answersConflictWithTheCurrentStateAndChangesNothing() {
    Document first = commit(Writes.create(Document.missing(JACK), json("{\"n\":1}"))).after();
    Document current = commit(Writes.set(first, "n", "2")).after();
    LogState before = log(JACK);

    List<CommitResult> results = store().commit(List.of(Writes.set(first, "n", "3")));

    assertEquals(List.of(new CommitResult.Conflict(current)), results);
    assertEquals(current, load(JACK));
    assertEquals(before, log(JACK));
  }

  @Test
  void commitsTheOthersWhenOneWriteConflicts() {
    commit(Writes.create(Document.missing(JACK), json("{\"n\":1}")));

    List<CommitResult> results =
        store()
            .commit(
                List.of(
                    Writes.create(Document.missing(JILL), JsonObject.empty()),
                    Writes.create(Document.missing(JACK), JsonObject.empty()),
                    Writes.create(Document.missing(PLAIN), JsonObject.empty())));

    assertInstanceOf(CommitResult.Committed.class, results.get(0));
    assertInstanceOf(CommitResult.Conflict.class, results.get(1));
    assertInstanceOf(CommitResult.Committed.class, results.get(2));
    assertEquals(json("{\"n\":1}"), load(JACK).data());
  }

  /// The chain 1→2→3 was decided here; another writer made its own 2. The write on top of ours must
  /// not land on theirs although the numbers fit.
  @Test
  void refusesTheRestOfAChainAfterAConflict() {
    Document first = commit(Writes.create(Document.missing(JACK), json("{\"n\":1}"))).after();
    Write ours = Writes.set(first, "n", "2");
    Write onTop = Writes.set(ours.after(), "m", "3");
    Document theirs = commit(Writes.set(first, "n", "9")).after();

    List<CommitResult> results = store().commit(List.of(ours, onTop));

    assertEquals(
        List.of(new CommitResult.Conflict(theirs), new CommitResult.Conflict(theirs)), results);
    assertEquals(theirs, load(JACK));
  }

  @Test
  void keepsAnOpeningWithoutMovingTheRevision() {
    Change opening = commitOn(JACK, Writes::open);

    assertEquals(Operation.OPEN, opening.operation());
    assertEquals(Life.OPENED, load(JACK).life());
    assertEquals(0, load(JACK).revision());
    assertEquals(1, commitOn(JACK, d -> Writes.create(d, JsonObject.empty())).revision());
  }

  @Test
  void refusesToOpenWhatIsOpenedOrLive() {
    Write open = Writes.open(Document.missing(JACK));
    Document opened = commit(open).after();
    assertEquals(List.of(new CommitResult.Conflict(opened)), store().commit(List.of(open)));

    Document live = commitOn(JACK, d -> Writes.create(d, JsonObject.empty())).after();
    assertEquals(
        List.of(new CommitResult.Conflict(live)), store().commit(List.of(Writes.open(live))));
  }

  @Test
  void acceptsAFirstWriteDecidedBeforeAnOpening() {
    Write create = Writes.create(Document.missing(JACK), json("{\"n\":1}"));
    Document opened = commitOn(JACK, Writes::open).after();

    Change change = commit(create);

    assertEquals(opened, change.before());
    assertEquals(Life.LIVE, load(JACK).life());
    assertEquals(1, load(JACK).revision());
  }

  @Test
  void continuesTheCountAfterADelete() {
    commitOn(JACK, d -> Writes.create(d, json("{\"n\":1}")));
    commitOn(JACK, d -> Writes.set(d, "n", "2"));
    Change deletion = commitOn(JACK, Writes::delete);

    assertEquals(Life.TOMBSTONE, load(JACK).life());
    assertEquals(3, load(JACK).revision());
    assertEquals(json("{\"n\":2}"), deletion.before().data());
    assertEquals(JsonObject.empty(), load(JACK).data());

    assertEquals(Life.OPENED, commitOn(JACK, Writes::open).after().life());
    assertEquals(3, load(JACK).revision());
    assertEquals(4, commitOn(JACK, d -> Writes.create(d, json("{\"n\":3}"))).revision());
  }

  @Test
  void keepsTheDataOfARestorableTombstone() {
    Document live = commitOn(JACK, d -> Writes.create(d, json("{\"n\":1}"))).after();
    clock.advance(Duration.ofSeconds(5));
    commitOn(JACK, Writes::deleteRestorably);

    assertEquals(json("{\"n\":1}"), load(JACK).data());
    Document restored = commitOn(JACK, Writes::restore).after();
    assertEquals(3, restored.revision());
    assertEquals(live.createdAt(), restored.createdAt());
    assertEquals(json("{\"n\":1}"), restored.data());
  }

  @Test
  void assignsTheTimesOfALife() {
    long born = clock.millis();
    Document created = commitOn(JACK, d -> Writes.create(d, json("{\"n\":1}"))).after();
    clock.advance(Duration.ofSeconds(3));
    Document changed = commitOn(JACK, d -> Writes.set(d, "n", "2")).after();
    clock.advance(Duration.ofSeconds(3));
    Document deleted = commitOn(JACK, Writes::delete).after();
    clock.advance(Duration.ofSeconds(3));
    Document again = commitOn(JACK, d -> Writes.create(d, json("{}"))).after();

    assertEquals(List.of(born, born), List.of(created.createdAt(), created.updatedAt()));
    assertEquals(List.of(born, born + 3000), List.of(changed.createdAt(), changed.updatedAt()));
    assertEquals(List.of(born, born + 6000), List.of(deleted.createdAt(), deleted.updatedAt()));
    assertEquals(List.of(born + 9000, born + 9000), List.of(again.createdAt(), again.updatedAt()));
  }

  /// Pending states have no times yet when the next write is decided on them.
  @Test
  void assignsTheTimesOfAChainDecidedAtOnce() {
    Write create = Writes.create(Document.missing(JACK), json("{\"n\":0}"));
    Write second = Writes.set(create.after(), "n", "1");

    List<Change> changes = commitAll(List.of(create, second));

    assertEquals(clock.millis(), changes.get(1).after().createdAt());
    assertEquals(clock.millis(), changes.get(1).after().updatedAt());
    assertEquals(changes.get(0).after(), changes.get(1).before());
  }

  @Test
  void eventIdsAscendEvenWhenTheClockGoesBack() {
    var ids = new ArrayList<EventId>();
    for (int i = 0; i < 6; i++) {
      ids.add(commitOn(JACK, d -> Writes.replace(d, JsonObject.empty())).id());
      clock.advance(Duration.ofSeconds(i % 2 == 0 ? -60 : 1));
    }

    assertEquals(ids.stream().sorted().distinct().toList(), ids);
    assertEquals(
        ids.stream().map(EventId::timeMs).sorted().toList(),
        ids.stream().map(EventId::timeMs).toList());
    long updatedAt = load(JACK).updatedAt();
    assertEquals(ids.getLast().timeMs(), updatedAt);
  }

  @Test
  void eventIdsCarryTheOffset() {
    Change change = commitOn(JACK, d -> Writes.create(d, JsonObject.empty()));

    assertEquals(change.position().offset(), change.id().offset());
    assertEquals(clock.millis(), change.id().timeMs());
  }

  @Test
  void refusesAWriteThatIsNotOneStep() {
    Document missing = Document.missing(JACK);
    Write create = Writes.create(missing, JsonObject.empty());
    var skipping =
        new Write(
            Operation.SNAPSHOT,
            missing,
            Writes.replace(create.after(), JsonObject.empty()).after(),
            null,
            "");

    assertThrows(IllegalArgumentException.class, () -> store().commit(List.of(skipping)));
    assertEquals(missing, load(JACK));
  }

  @Test
  void readsBackExactlyWhatWasCommitted() {
    var committed = new ArrayList<Change>();
    committed.add(commitOn(JACK, Writes::open));
    committed.add(commitOn(JACK, d -> Writes.create(d, json("{\"n\":[1,2]}"))));
    committed.add(commitOn(JACK, d -> Writes.set(d, "n[1]", "{\"deep\":null}")));
    committed.add(commitOn(JACK, d -> Writes.mutate(d, List.of())));
    committed.add(commitOn(JACK, d -> Writes.erase(d, "n[0]")));
    committed.add(commitOn(JACK, Writes::deleteRestorably));
    committed.add(commitOn(JACK, Writes::restore));
    committed.add(commitOn(JACK, d -> Writes.replace(d, json("[]"))));

    assertEquals(committed, readAll(store().logOf(JACK.collection()), null));
    assertEquals(committed, readAll(store().logOf(JACK.collection()), JACK.collection()));
    assertNull(committed.getFirst().operations());
  }

  @Test
  void readsOneCollectionWithoutTheOthers() {
    for (int i = 0; i < 10; i++) {
      int n = i;
      commitAll(
          List.of(
              Writes.create(Document.missing(key("cars/" + n)), JsonObject.empty()),
              Writes.create(Document.missing(key("driver/" + n)), JsonObject.empty()),
              Writes.create(Document.missing(key("cars/x" + n)), JsonObject.empty())));
    }

    List<Change> cars = readAll(store().logOf("cars"), "cars");
    assertEquals(20, cars.size());
    assertTrue(cars.stream().allMatch(c -> c.key().collection().equals("cars")));
    assertEquals(List.of(), readAll(store().logOf("boats"), "boats"));
  }

  @Test
  void readsFromTheMiddleOfABatch() {
    var writes = new ArrayList<Write>();
    for (int i = 0; i < 9; i++) {
      writes.add(Writes.create(Document.missing(key("driver/" + i)), JsonObject.empty()));
    }
    List<Change> changes = commitAll(writes);
    long from = changes.get(4).position().offset();
    LogId log = store().logOf("driver");

    assertEquals(changes.subList(4, 6), store().read(log, null, from, 2));
    assertEquals(changes.subList(4, 6), store().read(log, "driver", from, 2));
    assertEquals(changes.getLast(), store().read(log, null, from + 4, 100).getFirst());
    assertEquals(List.of(), store().read(log, null, from + 5, 100));
  }

  @Test
  void refusesToReadAnUnknownLog() {
    assertRefused(ErrorCode.NOT_FOUND, () -> store().read(new LogId("nowhere"), null, 1, 1));
  }

  @Test
  void refusesToReadBeforeTheOldestHeld() {
    LogId log = store().logOf("driver");

    assertRefused(ErrorCode.NOT_FOUND, () -> store().read(log, null, 0, 1));
  }

  @Test
  void isHealthyUntilClosed() {
    assertEquals(Health.Healthy.HEALTHY, store().check());
    var closed = store();
    stop();

    assertInstanceOf(Health.Unhealthy.class, closed.check());
    assertRefused(
        ErrorCode.UNAVAILABLE, () -> closed.commit(List.of(Writes.open(Document.missing(JACK)))));
    assertRefused(ErrorCode.UNAVAILABLE, () -> closed.load(List.of(JACK)));
  }

  @Test
  void keepsNamesAndValuesOfEveryScript() {
    DocumentKey odd = key("водитель/\uD83E\uDD8A a b");
    JsonValue data =
        json("{\"\":\"\\u0001\",\"x.y[0]\":1e-300,\"n\":12345678901234567890123456789}");
    Change change = commitOn(odd, d -> Writes.create(d, data));

    assertEquals(data, load(odd).data());
    assertEquals(List.of(change), readAll(store().logOf(odd.collection()), odd.collection()));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("io.freshet.testkit.Seeds#all")
  void aRandomHistoryReadsBackAsItWasWritten(long seed) {
    var history = new RandomHistory(new SplittableRandom(seed), List.of("cars", "_", "driver"), 9);
    var committed = new ArrayList<Change>();
    var ids = new HashSet<EventId>();
    for (int round = 0; round < 120; round++) {
      committed.addAll(commitAll(history.batch(12)));
      assertInstanceOf(
          CommitResult.Conflict.class, store().commit(List.of(history.stale())).getFirst());
    }

    committed.forEach(change -> assertTrue(ids.add(change.id())));
    for (LogState state : store().logs()) {
      assertEquals(
          committed.stream().filter(c -> isIn(state.log(), c)).toList(),
          readAll(state.log(), null));
    }
    for (DocumentKey key : history.keys()) {
      Document model = history.current(key);
      assertEquals(model.revision(), load(key).revision());
      assertEquals(model.life(), load(key).life());
      assertEquals(model.data(), load(key).data());
    }
    assertLogsGiveTheDocuments(history.keys());
  }
}
