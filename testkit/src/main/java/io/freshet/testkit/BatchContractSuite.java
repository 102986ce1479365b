// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.CommitResult;
import io.freshet.spi.LogState;
import io.freshet.spi.Write;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What every store must do with batches: writes of one commit that are committed together or not
/// at all (`spi.Write#batch`).
public abstract class BatchContractSuite extends StoreContract {
  private static final DocumentKey JACK = key("driver/jack");
  private static final DocumentKey JILL = key("driver/jill");
  private static final DocumentKey JIM = key("cars/jim");

  private static Write create(DocumentKey key) {
    return Writes.create(Document.missing(key), JsonObject.empty());
  }

  private static Write createIn(String batch, DocumentKey key) {
    return Writes.inBatch(batch, create(key));
  }

  /// A write decided on a revision that the document never had.
  private static Write staleIn(String batch, DocumentKey key) {
    return Writes.inBatch(batch, Writes.set(create(key).after(), "n", "1"));
  }

  private static CommitResult conflict(Document current) {
    return new CommitResult.Conflict(current);
  }

  @Test
  void commitsABatchAndNamesItInItsChanges() {
    List<Change> changes =
        commitAll(List.of(createIn("b", JACK), create(JIM), createIn("b", JILL)));

    assertEquals("b", changes.get(0).batch());
    assertNull(changes.get(1).batch());
    assertEquals("b", changes.get(2).batch());
    settle();
    assertEquals(
        changes.stream().filter(change -> change.key().collection().equals("driver")).toList(),
        readAll(store().logOf("driver"), "driver"));
  }

  @Test
  void refusesAllOfABatchWhenOneOfItConflicts() {
    LogState before = log(JACK);

    List<CommitResult> results =
        store().commit(List.of(createIn("b", JACK), staleIn("b", JILL), createIn("b", JIM)));

    assertEquals(
        List.of(
            conflict(Document.missing(JACK)),
            conflict(Document.missing(JILL)),
            conflict(Document.missing(JIM))),
        results);
    assertEquals(before, log(JACK));
    assertEquals(Document.missing(JACK), load(JACK));
    assertEquals(Document.missing(JIM), load(JIM));
  }

  @Test
  void refusesLaterWritesToTheDocumentsOfAFailedBatchOnly() {
    Write jack = createIn("b", JACK);

    List<CommitResult> results =
        store()
            .commit(
                List.of(jack, Writes.set(jack.after(), "n", "1"), create(JIM), staleIn("b", JILL)));

    assertEquals(conflict(Document.missing(JACK)), results.get(0));
    assertEquals(conflict(Document.missing(JACK)), results.get(1));
    assertInstanceOf(CommitResult.Committed.class, results.get(2));
    assertEquals(conflict(Document.missing(JILL)), results.get(3));
  }

  /// It was decided on what is there, but it comes after a write that was refused.
  @Test
  void refusesALaterWriteAlthoughItsRevisionFits() {
    List<CommitResult> results =
        store().commit(List.of(createIn("b", JACK), create(JACK), staleIn("b", JILL)));

    assertEquals(conflict(Document.missing(JACK)), results.get(1));
    assertEquals(Document.missing(JACK), load(JACK));
  }

  @Test
  void keepsWhatWasWrittenBeforeAFailedBatch() {
    Write jack = create(JACK);
    Write onTop = Writes.inBatch("b", Writes.set(jack.after(), "n", "1"));

    List<CommitResult> results = store().commit(List.of(jack, onTop, staleIn("b", JILL)));

    Document kept =
        assertInstanceOf(CommitResult.Committed.class, results.getFirst()).change().after();
    assertEquals(kept, load(JACK));
    assertEquals(conflict(kept), results.get(1));
  }

  @Test
  void judgesEachBatchOnItsOwn() {
    List<CommitResult> results =
        store().commit(List.of(createIn("a", JACK), staleIn("b", JILL), createIn("a", JIM)));

    assertInstanceOf(CommitResult.Committed.class, results.get(0));
    assertEquals(conflict(Document.missing(JILL)), results.get(1));
    assertInstanceOf(CommitResult.Committed.class, results.get(2));
  }

  @Test
  void refusesABatchThatStandsOnAFailedOne() {
    Write jack = createIn("a", JACK);

    List<CommitResult> results =
        store()
            .commit(
                List.of(
                    createIn("b", JIM),
                    jack,
                    Writes.inBatch("b", Writes.set(jack.after(), "n", "1")),
                    staleIn("a", JILL)));

    assertEquals(
        List.of(JIM, JACK, JACK, JILL).stream()
            .map(key -> conflict(Document.missing(key)))
            .toList(),
        results);
  }

  @Test
  void refusesBatchesThatStandOnEachOtherAndFail() {
    Write jack = createIn("a", JACK);
    Write jill = createIn("b", JILL);
    Write onJill = Writes.inBatch("a", Writes.set(jill.after(), "n", "1"));
    Write onJack = Writes.inBatch("b", Writes.set(jack.after(), "n", "1"));

    commitAll(List.of(jack, jill, onJill, onJack));
    List<CommitResult> again = store().commit(List.of(jack, jill, onJill, onJack));

    Document jackNow = load(JACK);
    Document jillNow = load(JILL);
    assertEquals(2, jackNow.revision());
    assertEquals(
        List.of(conflict(jackNow), conflict(jillNow), conflict(jillNow), conflict(jackNow)), again);
  }

  @Test
  void tiesOnlyWritesOfTheSameCommit() {
    commit(createIn("b", JACK));

    List<CommitResult> results = store().commit(List.of(staleIn("b", JILL)));

    assertEquals(List.of(conflict(Document.missing(JILL))), results);
    assertEquals(1, load(JACK).revision());
  }

  /// Random commits against a model that finds the failing batches the slow way.
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("io.freshet.testkit.Seeds#all")
  void committedIsExactlyWhatCanBe(long seed) {
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 300; round++) {
      List<Write> writes = randomWrites(random);
      List<Integer> accepted = accepted(writes);

      List<CommitResult> results = store().commit(writes);

      assertEquals(
          accepted,
          IntStream.range(0, writes.size())
              .filter(i -> results.get(i) instanceof CommitResult.Committed)
              .boxed()
              .toList());
      if (random.nextInt(50) == 0) {
        settle();
      }
    }
  }

  private List<Write> randomWrites(SplittableRandom random) {
    var pending = new HashMap<DocumentKey, Document>();
    var writes = new ArrayList<Write>();
    for (int i = random.nextInt(1, 14); i > 0; i--) {
      DocumentKey key = key((random.nextBoolean() ? "cars/" : "driver/") + random.nextInt(6));
      Document on = pending.getOrDefault(key, load(key));
      Write write = Writes.replace(random.nextInt(10) == 0 ? load(key) : on, JsonObject.empty());
      pending.put(key, write.after());
      writes.add(random.nextInt(3) == 0 ? write : Writes.inBatch("b" + random.nextInt(5), write));
    }
    return writes;
  }

  /// Which writes of a commit not yet made must be accepted.
  private List<Integer> accepted(List<Write> writes) {
    Set<String> failed = new HashSet<>();
    Map<DocumentKey, Long> revisions = new HashMap<>();
    writes.forEach(write -> revisions.put(write.key(), load(write.key()).revision()));
    while (true) {
      int known = failed.size();
      List<Integer> accepted = accepted(writes, new HashMap<>(revisions), failed);
      if (failed.size() == known) {
        return accepted;
      }
    }
  }

  private static List<Integer> accepted(
      List<Write> writes, Map<DocumentKey, Long> revisions, Set<String> failed) {
    var accepted = new ArrayList<Integer>();
    for (int i = 0; i < writes.size(); i++) {
      Write write = writes.get(i);
      String batch = write.batch() == null ? "" : write.batch();
      boolean fits = revisions.getOrDefault(write.key(), 0L) == write.before().revision();
      if (fits && !failed.contains(batch)) {
        revisions.put(write.key(), write.after().revision());
        accepted.add(i);
      } else {
        revisions.put(write.key(), -1L);
        if (!batch.isEmpty()) {
          failed.add(batch);
        }
      }
    }
    return accepted;
  }
}
