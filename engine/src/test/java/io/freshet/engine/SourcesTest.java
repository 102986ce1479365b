// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.Interest;
import io.freshet.engine.command.Revision;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Publication;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.ingest.Sources;
import io.freshet.engine.stream.Start;
import io.freshet.engine.stream.StreamTerms;
import io.freshet.protocol.Captured;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.spi.Listed;
import io.freshet.spi.RowChange;
import io.freshet.spi.SourceRefusal;
import io.freshet.testkit.MemoryStore;
import io.freshet.testkit.VirtualClock;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Tables of a source as collections: what is told enters the log once and in order, rows are
/// documents, and whoever reads one that is not held gets it all the same.
final class SourcesTest {
  private static final DocumentKey ADA = new DocumentKey(TableSource.TABLE, "1");
  private static final DocumentKey BOB = new DocumentKey(TableSource.TABLE, "2");
  private static final String ADA_ROW = "{\"id\":1,\"name\":\"Ada\"}";
  private static final String ADA_GROWN = "{\"id\":1,\"name\":\"Ada L.\"}";

  private final VirtualClock clock = VirtualClock.atNoon();
  private final MemoryStore store = new MemoryStore(clock);
  private final TableSource source = new TableSource();
  private final Sources sources = new Sources(store, List.of(source));
  private final EngineHarness harness =
      new EngineHarness(store, Guard.OPEN, EngineHarness.OPTIONS, clock, sources);
  private final EngineHarness.Client client = harness.client("client");

  @BeforeEach
  void start() {
    sources.start();
  }

  private List<Change> changes() {
    return store.read(store.logOf(TableSource.TABLE), null, 1, 100_000);
  }

  private Change last() {
    return changes().getLast();
  }

  private Captured captured() {
    Captured captured = last().captured();
    if (captured == null) {
      throw new AssertionError("not of a source: " + last());
    }
    return captured;
  }

  private Document held(DocumentKey key) {
    return store.load(List.of(key)).toCompletableFuture().join().getFirst();
  }

  @Test
  void whatIsToldIsALogOfDocuments() {
    source.tell(
        new RowChange.Inserted(TableSource.TABLE, "1", TableSource.row(ADA_ROW)),
        new RowChange.Updated(TableSource.TABLE, "1", TableSource.row(ADA_GROWN), Set.of(), null),
        new RowChange.Deleted(TableSource.TABLE, "1", TableSource.row("{\"id\":1}")));
    assertEquals(
        List.of(Operation.CREATE, Operation.REPLACE, Operation.DELETE),
        changes().stream().map(Change::operation).toList());
    assertEquals(List.of(1L, 2L, 3L), changes().stream().map(Change::revision).toList());
    assertEquals("source/main", last().position().log().name());
    assertEquals("source:main", last().actor());
    assertEquals(TableSource.row("{\"id\":1}"), captured().former());
    assertEquals(Life.TOMBSTONE, held(ADA).life());
    assertEquals("2", source.sink().progress());
  }

  @Test
  void rowsThatAreNotHeldChangeAndGoToo() {
    source.update("1", ADA_GROWN);
    assertEquals(Operation.REPLACE, last().operation());
    assertEquals(1, held(ADA).revision());
    source.tell(new RowChange.Deleted(TableSource.TABLE, "2", TableSource.row("{\"id\":2}")));
    assertEquals(Operation.DELETE, last().operation());
    assertEquals(1, held(BOB).revision());
  }

  @Test
  void columnsThatWereNotToldAreThoseThatAreHeld() {
    source.insert("1", "{\"id\":1,\"name\":\"Ada\",\"text\":\"long\"}");
    source.update("1", ADA_GROWN, "text");
    assertEquals(Json.parse("{\"id\":1,\"name\":\"Ada L.\",\"text\":\"long\"}"), held(ADA).data());
    assertFalse(captured().partial());
  }

  @Test
  void whatIsNeitherToldNorHeldIsUnknownAndFetched() {
    source.has("1", "{\"id\":1,\"name\":\"Ada L.\",\"text\":\"long\"}");
    source.update("1", ADA_GROWN, "text");
    Change update = changes().getFirst();
    assertTrue(update.captured() != null && update.captured().partial());
    assertEquals(List.of("1"), source.fetched);
    assertEquals(source.rows.get("1"), held(ADA).data());
    assertTrue(captured().hidden());
  }

  @Test
  void aRowThatGoesOnUnderAnotherKeyIsOneUpdate() {
    source.insert("1", "{\"id\":1,\"text\":\"long\"}");
    source.tell(
        new RowChange.Moved(
            TableSource.TABLE, "1", "2", TableSource.row("{\"id\":2}"), Set.of("text"), null));
    assertEquals(Life.TOMBSTONE, held(ADA).life());
    assertEquals(Json.parse("{\"id\":2,\"text\":\"long\"}"), held(BOB).data());
    assertEquals(Operation.REPLACE, last().operation());
    Captured gone = changes().get(1).captured();
    assertTrue(gone != null && gone.hidden());
  }

  @Test
  void aTruncatedTableHasNoRowsAndNoStreamIsTold() {
    for (int i = 1; i <= 2500; i++) {
      source.insert("" + i, "{\"id\":" + i + "}");
    }
    harness.settle();
    source.tell(new RowChange.Truncated(TableSource.TABLE));
    assertEquals(List.of(), source.sink().held(TableSource.TABLE, null, 10));
    assertTrue(captured().hidden());
    source.insert("1", ADA_ROW);
    assertEquals(3, held(ADA).revision());
  }

  /// Each column was told when there was room for it.
  @Test
  void aRowThatBecomesTooLargeWithWhatIsHeldIsRefused() {
    source.insert("1", "{\"id\":1,\"text\":\"%s\"}".formatted("x".repeat(600)));
    String grown = "{\"id\":1,\"more\":\"%s\"}".formatted("x".repeat(600));
    var refused = assertThrows(FreshetException.class, () -> source.update("1", grown, "text"));
    assertEquals(ErrorCode.DOCUMENT_TOO_LARGE, refused.code());
    assertEquals(1, changes().size());
    source.update("1", "{\"id\":1,\"more\":\"\"}", "text");
    assertEquals(2, held(ADA).revision());
  }

  @Test
  void whoeverReadsBesideARowThatIsTooLargeIsServed() {
    source.has("1", ADA_ROW);
    source.tooLarge = "2";
    var small = client.read(ADA);
    var large = client.read(BOB);
    harness.settle();
    assertEquals(source.rows.get("1"), small.state().data());
    assertEquals(ErrorCode.DOCUMENT_TOO_LARGE, large.as(Outcome.Rejected.class).code());
  }

  @Test
  void aRowThatIsNotHeldIsFetchedByWhoeverReadsIt() {
    source.has("1", ADA_ROW);
    var read = client.read(ADA);
    harness.settle();
    assertEquals(source.rows.get("1"), read.state().data());
    assertEquals(1, read.state().revision());
    assertEquals(Operation.SNAPSHOT, last().operation());
    var again = client.read(ADA);
    harness.settle();
    assertEquals(1, again.state().revision());
    assertEquals(List.of("1"), source.fetched);
  }

  @Test
  void aRowThatIsNotThereIsMissingUntilItComes() {
    var watching = client.watch(true, ADA);
    harness.settle();
    assertEquals(Life.MISSING, watching.snapshot().life());
    source.insert("1", ADA_ROW);
    harness.settle();
    List<Publication> seen = harness.loop.publications();
    assertEquals(1, seen.size());
    assertEquals(1, seen.getFirst().change().revision());
  }

  @Test
  void snapshotsAreFollowedByTheNextRevision() {
    source.has("1", ADA_ROW);
    var watching = client.watch(true, ADA);
    harness.settle();
    assertEquals(1, watching.snapshot().revision());
    source.update("1", ADA_GROWN);
    harness.settle();
    assertEquals(
        List.of(2L),
        harness.loop.publications().stream().map(each -> each.change().revision()).toList());
  }

  @Test
  void whenTheSourceIsAwayReadsOfItsRowsFailAndOthersDoNot() {
    source.unreachable = true;
    var row = client.read(ADA);
    var own = client.read(new DocumentKey("driver", "jack"));
    harness.settle();
    assertEquals(ErrorCode.UNAVAILABLE, row.as(Outcome.Rejected.class).code());
    assertEquals(Life.MISSING, own.state().life());
    source.unreachable = false;
    source.has("1", ADA_ROW);
    var later = client.read(ADA);
    harness.settle();
    assertEquals(1, later.state().revision());
  }

  @Test
  void tablesAreWrittenInTheirDatabase() {
    source.insert("1", ADA_ROW);
    harness.settle();
    var replies =
        List.of(
            client.set(ADA, "name", "\"Eve\"", -1),
            client.replace(ADA, "{}", -1, true),
            client.delete(ADA),
            client.create(BOB, "{}"),
            client.revise(ADA, Revision.Delete.DELETE));
    var batch = client.batch(null, EngineHarness.item(ADA, EngineHarness.merge("name", "\"Eve\"")));
    harness.settle();
    replies.forEach(
        each -> assertEquals(ErrorCode.READ_ONLY, each.as(Outcome.Rejected.class).code()));
    var refused = batch.as(Outcome.Batched.class).items().getFirst();
    assertEquals(ErrorCode.READ_ONLY, ((Outcome.Rejected) refused).code());
    assertEquals(1, held(ADA).revision());
  }

  @Test
  void aTableIsListedWhole() {
    source.has("1", ADA_ROW);
    source.has("2", "{\"id\":2}");
    source.update("1", ADA_GROWN);
    source.has("1", ADA_GROWN);
    var listed = client.scan(TableSource.TABLE, null, 10);
    harness.settle();
    assertEquals(
        List.of("1", "2"),
        listed.as(Outcome.Scanned.class).documents().stream()
            .map(Listed::document)
            .map(each -> each.key().id())
            .toList());
  }

  private Outcome open(StreamTerms terms) {
    return open(terms, new TestHolder());
  }

  private Outcome open(StreamTerms terms, TestHolder holder) {
    var reply = new EngineHarness.Reply(client);
    harness.submit(new Command.OpenStream(reply, terms, holder));
    harness.settle();
    return reply.outcome();
  }

  private static StreamTerms terms(String name, boolean snapshot) {
    return new StreamTerms(TableSource.TABLE, name, Start.Latest.LATEST, snapshot, Set.of("name"));
  }

  @Test
  void aSnapshotStandsBehindTheStreamsPlaceAndKeepsRevisions() {
    source.insert("1", ADA_ROW);
    source.has("2", "{\"id\":2}");
    harness.settle();
    var opened = (Outcome.StreamOpened) open(terms("all", true));
    assertTrue(opened.snapshot() != null && opened.snapshot().run().equals("all"));
    source.carryOut("all");
    harness.settle();
    var replay = client.replay(new Interest(TableSource.TABLE), opened.after(), 10);
    harness.settle();
    List<Change> rows = replay.as(Outcome.Replayed.class).changes();
    assertEquals(List.of("1", "2"), rows.stream().map(each -> each.key().id()).toList());
    assertTrue(rows.stream().allMatch(opened.snapshot()::shows));
    assertEquals(List.of(1L, 1L), rows.stream().map(Change::revision).toList());
    assertEquals(1, held(ADA).revision());
    var again = (Outcome.StreamOpened) open(terms("other", false));
    assertNull(again.snapshot());
  }

  @Test
  void aSnapshotIsForTablesOnly() {
    var terms = new StreamTerms("driver", "s", Start.Latest.LATEST, true, Set.of());
    assertEquals(ErrorCode.INVALID_ARGUMENT, ((Outcome.Refused) open(terms)).code());
  }

  @Test
  void aStreamThatCannotBeIsRefusedWithWhatHelps() {
    source.refusal =
        new SourceRefusal(SourceRefusal.Kind.FILTER_CANNOT_WORK, "ALTER TABLE \"User\" …");
    var refused = (Outcome.Refused) open(terms("s", false));
    assertEquals(ErrorCode.INVALID_FILTER, refused.code());
    assertEquals("ALTER TABLE \"User\" …", refused.message());
    source.refusal = new SourceRefusal(SourceRefusal.Kind.NOT_CAPTURED, "ALTER PUBLICATION …");
    var unknown = new StreamTerms("Post", "p", Start.Latest.LATEST);
    assertEquals(ErrorCode.UNKNOWN_COLLECTION, ((Outcome.Refused) open(unknown)).code());
  }

  @Test
  void aGapEndsEveryStreamAndNamesMustBeReset() {
    source.insert("1", ADA_ROW);
    harness.settle();
    var holder = new TestHolder();
    open(terms("s", false), holder);
    var own = new TestHolder();
    open(new StreamTerms("driver", null, Start.Latest.LATEST), own);
    source.sink().gap("The slot is gone", "new");
    harness.settle();
    assertEquals("The slot is gone", holder.lost);
    assertNull(own.lost);
    assertEquals(ErrorCode.SOURCE_GAP, ((Outcome.Lost) open(terms("s", false))).code());
    var reset = new EngineHarness.Reply(client);
    harness.submit(new Command.ResetStream(reset, "s", Start.Latest.LATEST));
    harness.settle();
    source.insert("2", "{\"id\":2}");
    harness.settle();
    var opened = (Outcome.StreamOpened) open(terms("s", false));
    var replay = client.replay(new Interest(TableSource.TABLE), opened.after(), 10);
    harness.settle();
    assertEquals(1, replay.as(Outcome.Replayed.class).changes().size());
  }
}
