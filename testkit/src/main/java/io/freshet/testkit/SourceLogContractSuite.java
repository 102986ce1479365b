// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.Captured;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Operation;
import io.freshet.protocol.Position;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.CommitResult;
import io.freshet.spi.CursorLease;
import io.freshet.spi.Durability;
import io.freshet.spi.Listed;
import io.freshet.spi.LogState;
import io.freshet.spi.SourceLog;
import io.freshet.spi.Write;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// How every store must keep the logs of sources (`spi.SourceLog`).
public abstract class SourceLogContractSuite extends StoreContract {
  private static final DocumentKey ROW = key("User/1");
  private static final DocumentKey OTHER = key("User/2");
  private static final DocumentKey OURS = key("driver/jack");
  private static final Captured SILENT = new Captured(null, false, false);

  private SourceLog source() {
    return store().openSource("main");
  }

  private LogState state() {
    LogId id = source().id();
    return store().logs().stream().filter(log -> log.log().equals(id)).findFirst().orElseThrow();
  }

  /// Appends writes that must all be accepted.
  private List<Change> append(String progress, Write... writes) {
    var changes = new ArrayList<Change>();
    for (CommitResult result : source().append(List.of(writes), progress)) {
      changes.add(assertInstanceOf(CommitResult.Committed.class, result).change());
    }
    assertEquals(writes.length, changes.size());
    return changes;
  }

  private Change appendOn(DocumentKey key, Decide decide) {
    return append("later", decide.on(load(key))).getFirst();
  }

  private Change insert(DocumentKey key, String row) {
    source().route(Set.of("User"));
    return appendOn(key, d -> Writes.told(SILENT, Writes.create(d, json(row))));
  }

  /// What is read of the whole log.
  private List<Change> readAll() {
    return readAll(source().id(), null);
  }

  @Test
  void isALogOfItsOwn() {
    SourceLog source = source();

    assertEquals(new LogId("source/main"), source.id());
    assertNull(source.progress());
    assertSame(source, store().openSource("main"));
    assertNotEquals(source.id(), store().openSource("second_1-B").id());
    LogState state = state();
    assertEquals(Durability.FSYNC, state.durability());
    assertEquals(List.of(1L, 1L, 0L), List.of(state.epoch(), state.oldest(), state.head()));
    assertEquals(new Position(source.id(), 1, 0), store().locate(state.headId()));
    for (String name : List.of("", "a/b", "a b", "ä", "a.b")) {
      assertThrows(IllegalArgumentException.class, () -> store().openSource(name));
    }
  }

  @Test
  void keepsChangesAndProgress() {
    source().route(Set.of("User", "Order"));
    List<Change> first =
        append(
            "one",
            Writes.told(SILENT, Writes.create(Document.missing(ROW), json("{\"n\":1}"))),
            Writes.told(
                SILENT, Writes.create(Document.missing(key("Order/1")), json("{\"n\":2}"))));
    Change second = appendOn(ROW, d -> Writes.told(SILENT, Writes.replace(d, json("{\"n\":3}"))));
    settle();

    assertEquals("later", source().progress());
    assertEquals(List.of(first.get(0), first.get(1), second), readAll());
    assertEquals(List.of(first.get(1)), readAll(source().id(), "Order"));
    assertEquals(second.after(), load(ROW));
    assertEquals(List.of(first.getFirst(), second), store().history(ROW, 0, 10));
    assertEquals(source().id(), store().logOf("User"));
    assertEquals(second.id(), state().headId());
    assertEquals(second.position(), store().locate(second.id()));
    assertEquals(
        List.of(new Listed(second.after(), second.position().offset())),
        store().scan("User", null, 9));
    assertTrue(state().bytes() > 0);
  }

  @Test
  void keepsWhatTheSourceSays() {
    JsonObject row = (JsonObject) json("{\"id\":1,\"name\":\"a\"}");
    var said =
        List.of(
            SILENT,
            new Captured(row, false, false),
            new Captured((JsonObject) json("{\"id\":1}"), false, true),
            new Captured(JsonObject.empty(), true, false),
            new Captured(null, true, true));
    source().route(Set.of("User"));
    var appended = new ArrayList<Change>();
    for (Captured each : said) {
      for (int i = 0; i < 2; i++) {
        appended.add(appendOn(ROW, d -> Writes.told(each, Writes.replace(d, row))));
      }
    }
    appended.add(
        appendOn(ROW, d -> Writes.by("eve", Writes.told(said.get(1), Writes.deleteRestorably(d)))));
    settle();

    assertEquals(appended, readAll());
    assertEquals(appended, store().history(ROW, 0, 99));
    assertEquals(said.get(2), readAll().get(4).captured());
    assertNull(commitOn(OURS, d -> Writes.create(d, row)).captured());
  }

  @Test
  void movesTheProgressAlone() {
    assertEquals(List.of(), source().append(List.of(), "begun"));
    Change inserted = insert(ROW, "{}");
    assertEquals(List.of(), source().append(List.of(), "idle"));
    assertEquals(List.of(), source().append(List.of(), "idle"));
    settle();

    assertEquals("idle", source().progress());
    assertEquals(List.of(inserted), readAll());
  }

  @Test
  void aloneWritesItsCollections() {
    insert(ROW, "{\"n\":1}");
    Write ours = Writes.create(Document.missing(OURS), JsonObject.empty());
    Write theirs = Writes.create(Document.missing(OTHER), JsonObject.empty());
    SourceLog second = store().openSource("second");
    List<Write> both = List.of(theirs, ours);

    assertThrows(IllegalArgumentException.class, () -> source().append(both, "never"));
    assertThrows(IllegalArgumentException.class, () -> second.append(List.of(theirs), "never"));
    assertThrows(
        IllegalArgumentException.class, () -> store().commit(List.of(both.get(1), both.get(0))));

    assertEquals(1, state().head());
    assertEquals("later", source().progress());
    assertNull(second.progress());
    assertEquals(Document.missing(OURS), load(OURS));
    assertEquals(Document.missing(OTHER), load(OTHER));
    assertEquals(1, commit(ours).revision());
  }

  @Test
  void appendsAllOrNothing() {
    Change inserted = insert(ROW, "{\"n\":1}");
    Document never = Document.missing(ROW);
    Document missing = Document.missing(OTHER);

    List<CommitResult> results =
        source()
            .append(
                List.of(
                    Writes.create(missing, json("{}")),
                    Writes.create(never, json("{}")),
                    Writes.create(key("User/3"), json("{}"))),
                "never");

    assertEquals(
        List.of(
            new CommitResult.Conflict(missing),
            new CommitResult.Conflict(inserted.after()),
            new CommitResult.Conflict(Document.missing(key("User/3")))),
        results);
    assertEquals("later", source().progress());
    assertEquals(List.of(inserted), readAll());
    assertEquals(missing, load(OTHER));
  }

  /// A snapshot of a row that is held already says what stands there and changes nothing.
  @Test
  void tellsWhatStandsThere() {
    Change inserted = insert(ROW, "{\"n\":1}");
    Document row = load(ROW);
    List<Change> told =
        append(
            "told",
            Writes.by("snapshot:x", Writes.tell(row)),
            Writes.replace(row, json("{\"n\":2}")));
    Document again = told.get(1).after();
    told = new ArrayList<>(told);
    told.addAll(append("more", Writes.tell(again), Writes.tell(again)));
    Change last = appendOn(ROW, d -> Writes.replace(d, json("{\"n\":3}")));

    Change first = told.getFirst();
    assertEquals(Operation.SNAPSHOT, first.operation());
    assertEquals("snapshot:x", first.actor());
    assertEquals(row, first.before());
    assertEquals(row, first.after());
    assertEquals(inserted.position().offset() + 1, first.position().offset());
    settle();
    assertEquals(List.of(inserted, first, told.get(1), told.get(2), told.get(3), last), readAll());
    assertEquals(List.of(told.get(2)), store().read(source().id(), null, 4, 1));
    assertEquals(List.of(inserted, told.get(1), last), store().history(ROW, 0, 10));
    assertEquals(last.after(), load(ROW));
    assertLogsGiveTheDocuments(List.of(ROW));
  }

  @Test
  void leavesAToldDocumentAlone() {
    Change inserted = insert(ROW, "{\"n\":1}");
    append("told", Writes.tell(load(ROW)));
    settle();

    assertEquals(inserted.after(), load(ROW));
    assertEquals(List.of(inserted), store().history(ROW, 0, 10));
    assertEquals(
        List.of(new Listed(inserted.after(), inserted.position().offset())),
        store().scan("User", null, 9));
    Change next = appendOn(ROW, d -> Writes.replace(d, json("{\"n\":2}")));
    assertEquals(inserted.after(), next.before());
    assertEquals(List.of(inserted, next), store().history(ROW, 0, 10));
  }

  @Test
  void refusesToTellWhatDoesNotStandThere() {
    Document row = insert(ROW, "{\"n\":1}").after();
    Document changed =
        new Document(ROW, Document.Life.LIVE, 1, json("{\"n\":2}"), row.createdAt(), 0);
    Write wrong = new Write(Operation.SNAPSHOT, row, changed, null, Writes.ACTOR);
    Write nothing = Writes.tell(Document.missing(OTHER));

    assertThrows(IllegalArgumentException.class, () -> source().append(List.of(wrong), "x"));
    assertThrows(IllegalArgumentException.class, () -> source().append(List.of(nothing), "x"));
    commitOn(OURS, d -> Writes.create(d, json("{}")));
    Write ours = Writes.tell(load(OURS));
    assertThrows(IllegalArgumentException.class, () -> store().commit(List.of(ours)));
    Write gone = Writes.tell(append("y", Writes.delete(row)).getFirst().after());
    assertThrows(IllegalArgumentException.class, () -> source().append(List.of(gone), "x"));
  }

  @Test
  void beginsAnEpoch() {
    Change before = insert(ROW, "{\"n\":1}");
    CursorLease lease = store().cursors().lease("orders", "User");
    store().cursors().advance("orders", lease.token(), before.id());
    var fed = new ArrayList<Change>();
    LogState begun;
    Change after;
    try (var _ = store().feed(source().id(), 2, (log, changes) -> fed.addAll(changes))) {
      source().newEpoch("restored");
      begun = state();
      after = appendOn(ROW, d -> Writes.replace(d, json("{\"n\":2}")));
    }

    assertEquals(List.of(2L, 1L), List.of(begun.epoch(), begun.head()));
    assertTrue(before.id().compareTo(begun.headId()) < 0);
    assertTrue(begun.headId().compareTo(after.id()) < 0);
    assertEquals(new Position(source().id(), 2, 1), store().locate(begun.headId()));
    assertEquals(new Position(source().id(), 2, 2), after.position());
    assertEquals(List.of(after), fed);
    settle();
    assertEquals(2, state().epoch());
    assertEquals(after.id(), state().headId());
    assertEquals(List.of(before, after), readAll());
    assertEquals(before.position(), store().locate(before.id()));
    assertEquals(after.position(), store().locate(after.id()));
    assertEquals(before.id(), store().cursors().list().getFirst().place());
  }

  @Test
  void keepsEpochsThatNothingWasWrittenIn() {
    insert(ROW, "{}");
    source().newEpoch("one");
    EventId between = state().headId();
    settle();
    source().newEpoch("two");
    settle();

    assertEquals("two", source().progress());
    assertEquals(3, state().epoch());
    assertEquals(new Position(source().id(), 2, 1), store().locate(between));
    assertTrue(between.compareTo(state().headId()) < 0);
  }

  @Test
  void movesCollectionsToAndFro() {
    Change ours = commitOn(ROW, d -> Writes.create(d, json("{\"n\":1}")));
    LogId former = store().logOf("User");
    settle();
    source().route(Set.of("User"));
    assertEquals(source().id(), store().logOf("User"));
    assertEquals(
        List.of(new Listed(ours.after(), 0)), store().scan("User", null, 9), "of another log");
    Change theirs = appendOn(ROW, d -> Writes.replace(d, json("{\"n\":2}")));
    settle();
    assertEquals(source().id(), store().logOf("User"));
    source().route(Set.of());
    Change again = commitOn(ROW, d -> Writes.replace(d, json("{\"n\":3}")));
    settle();

    assertEquals(former, store().logOf("User"));
    assertEquals(ours.after(), theirs.before());
    assertEquals(theirs.after(), again.before());
    assertEquals(again.after(), load(ROW));
    assertEquals(List.of(ours, again), readAll(former, null));
    assertEquals(List.of(theirs), readAll());
    assertEquals(List.of(ours, theirs, again), store().history(ROW, 0, 10));
  }

  @Test
  void takesACollectionFromAnotherSource() {
    insert(ROW, "{\"n\":1}");
    SourceLog second = store().openSource("second");
    second.route(Set.of("User", "Order"));
    Write update = Writes.replace(load(ROW), json("{\"n\":2}"));

    assertThrows(IllegalArgumentException.class, () -> source().append(List.of(update), "x"));
    assertInstanceOf(CommitResult.Committed.class, second.append(List.of(update), "y").getFirst());
    settle();
    assertEquals(new LogId("source/second"), store().logOf("User"));
    assertEquals(new LogId("source/second"), store().logOf("Order"));
    assertEquals("later", source().progress());
    assertEquals("y", store().openSource("second").progress());
    assertEquals(2, store().history(ROW, 0, 10).size());
  }

  @Test
  void routesThousandsOfCollections() {
    var names = new HashSet<String>();
    for (int i = 0; i < 5_000; i++) {
      names.add("table" + i);
    }
    source().route(names);
    settle();
    source().route(names);
    var writes = new ArrayList<Write>();
    for (String name : names) {
      writes.add(Writes.create(key(name + "/1"), json("{}")));
    }
    source().append(writes, "all");
    settle();

    assertEquals(5_000, state().head());
    assertEquals(5_000, readAll().size());
    names.remove("table1");
    source().route(names);
    assertNotEquals(source().id(), store().logOf("table1"));
    assertEquals(source().id(), store().logOf("table2"));
  }

  @Test
  void isClosedWithTheStore() {
    SourceLog source = source();
    source.route(Set.of("User"));
    store().close();

    assertRefused(ErrorCode.UNAVAILABLE, () -> source.append(List.of(), "x"));
    assertRefused(ErrorCode.UNAVAILABLE, () -> source.route(Set.of()));
    assertRefused(ErrorCode.UNAVAILABLE, () -> source.newEpoch("x"));
    assertRefused(ErrorCode.UNAVAILABLE, () -> store().openSource("other"));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("io.freshet.testkit.Seeds#all")
  void aRandomHistoryIsKept(long seed) {
    var random = new SplittableRandom(seed);
    var rows = new RandomHistory(random, List.of("User", "Order"), 10);
    var ours = new RandomHistory(random, List.of("driver", "cars"), 6);
    source().route(Set.of("User", "Order"));
    var appended = new ArrayList<Change>();
    for (int round = 0; round < 80; round++) {
      String progress = "round " + round;
      if (random.nextInt(3) == 0) {
        commitAll(ours.batch(5));
      }
      var writes = new ArrayList<Write>();
      for (DocumentKey key : random.nextInt(3) == 0 ? rows.keys() : List.<DocumentKey>of()) {
        Document held = load(key);
        if (held.isLive()) {
          writes.add(Writes.told(captured(random, held), Writes.tell(held)));
        }
      }
      for (Write write : rows.batch(8)) {
        writes.add(Writes.told(captured(random, write.before()), write));
      }
      appended.addAll(append(progress, writes.toArray(Write[]::new)));
      if (random.nextInt(20) == 0) {
        source().newEpoch(progress);
      }
      if (random.nextInt(8) == 0) {
        settle();
        assertEquals(progress, source().progress());
      }
    }
    settle();

    assertEquals(appended, readAll());
    assertLogsGiveTheDocuments(rows.keys());
    assertLogsGiveTheDocuments(ours.keys());
    for (DocumentKey key : rows.keys()) {
      List<Change> written =
          appended.stream()
              .filter(change -> change.key().equals(key))
              .filter(change -> change.operation() != Operation.SNAPSHOT)
              .toList();
      assertEquals(written.isEmpty() ? 0 : written.getLast().revision(), load(key).revision());
      assertEquals(
          written.stream().filter(change -> change.revision() > 2).limit(5).toList(),
          store().history(key, 2, 5));
    }
  }

  private static Captured captured(SplittableRandom random, Document before) {
    JsonObject row = before.data() instanceof JsonObject object ? object : JsonObject.empty();
    JsonObject former =
        switch (random.nextInt(3)) {
          case 0 -> null;
          case 1 -> row;
          default -> row.with("key", new RandomJson(random).value());
        };
    return new Captured(former, random.nextBoolean(), random.nextBoolean());
  }
}
