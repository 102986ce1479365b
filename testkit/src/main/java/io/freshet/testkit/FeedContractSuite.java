// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.LogId;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.ChangeListener;
import io.freshet.spi.CommitResult;
import io.freshet.spi.Feed;
import io.freshet.spi.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/// What every store's feeds must do: each change once, in order, no gap between what was held and
/// what comes.
public abstract class FeedContractSuite extends StoreContract {
  private static final DocumentKey JACK = key("driver/jack");

  private static final class Recorder implements ChangeListener {
    private final List<Change> seen = new ArrayList<>();

    @Override
    public synchronized void onChanges(LogId log, List<Change> changes) {
      changes.forEach(change -> assertEquals(log, change.position().log()));
      seen.addAll(changes);
    }

    synchronized List<Change> seen() {
      return List.copyOf(seen);
    }
  }

  private LogId log() {
    return store().logOf(JACK.collection());
  }

  private Change count() {
    return commitOn(JACK, d -> Writes.replace(d, JsonObject.of("n", JsonNumber.of(d.revision()))));
  }

  @Test
  void deliversBeforeTheCommitReturns() {
    var recorder = new Recorder();
    try (Feed _ = store().feed(log(), 1, recorder)) {
      Change first = count();
      assertEquals(List.of(first), recorder.seen());
      Change second = count();
      assertEquals(List.of(first, second), recorder.seen());
    }
  }

  /// What was committed is what is delivered: nothing is decoded again.
  @Test
  void deliversTheChangesOfTheCommitItself() {
    var recorder = new Recorder();
    try (Feed _ = store().feed(log(), 1, recorder)) {
      Change change = count();
      assertSame(change, recorder.seen().getFirst());
    }
  }

  @Test
  void deliversWhatIsHeldBeforeWhatComes() {
    var all = new ArrayList<Change>();
    for (int i = 0; i < 10; i++) {
      all.add(count());
    }
    var recorder = new Recorder();
    try (Feed _ = store().feed(log(), 4, recorder)) {
      all.add(count());
      assertEquals(all.subList(3, 11), recorder.seen());
    }
  }

  @Test
  void deliversOnlyTheNewFromTheHead() {
    count();
    var recorder = new Recorder();
    try (Feed _ = store().feed(log(), 2, recorder)) {
      assertEquals(List.of(), recorder.seen());
      Change next = count();
      assertEquals(List.of(next), recorder.seen());
    }
  }

  @Test
  void deliversNothingForConflicts() {
    Document first = count().after();
    count();
    var recorder = new Recorder();
    try (Feed _ = store().feed(log(), 3, recorder)) {
      store().commit(List.of(Writes.set(first, "n", "1")));
      assertEquals(List.of(), recorder.seen());
    }
  }

  @Test
  void deliversNothingAfterTheClose() {
    var recorder = new Recorder();
    Feed feed = store().feed(log(), 1, recorder);
    count();
    feed.close();
    count();

    assertEquals(1, recorder.seen().size());
  }

  @Test
  void deliversToSeveralListeners() {
    var early = new Recorder();
    var late = new Recorder();
    try (Feed _ = store().feed(log(), 1, early)) {
      count();
      try (Feed _ = store().feed(log(), 1, late)) {
        count();
      }
      count();
    }

    assertEquals(3, early.seen().size());
    assertEquals(early.seen().subList(0, 2), late.seen());
  }

  @Test
  void showsACommittedChangeToLoadsAndReadsFromTheListener() {
    var loaded = new ArrayList<Document>();
    var read = new ArrayList<Change>();
    ChangeListener listener =
        (log, changes) -> {
          loaded.add(load(JACK));
          read.addAll(store().read(log, null, changes.getFirst().position().offset(), 1));
        };
    try (Feed _ = store().feed(log(), 1, listener)) {
      Change change = count();
      assertEquals(List.of(change.after()), loaded);
      assertEquals(List.of(change), read);
    }
  }

  @Test
  void refusesToBeginBeyondTheEnd() {
    assertRefused(ErrorCode.INVALID_ARGUMENT, () -> store().feed(log(), 2, new Recorder()));
    assertRefused(ErrorCode.NOT_FOUND, () -> store().feed(log(), 0, new Recorder()));
  }

  /// Feeds begin and end while another thread commits as fast as it can: each must see a seamless
  /// run of offsets from where it asked to begin to where the log stood at its end.
  @Test
  void handsOverWithoutGapUnderConcurrentCommits() throws Exception {
    store();
    var stop = new AtomicBoolean();
    var some = new CountDownLatch(1);
    CompletableFuture<Long> committer =
        CompletableFuture.supplyAsync(() -> commitUntil(stop, some));
    try {
      assertTrue(some.await(30, TimeUnit.SECONDS), "no commit in time");
      for (int i = 0; i < 60; i++) {
        long from = i < 3 ? 1 : Math.max(1, log(JACK).head() + 1 - 50L * i);
        var recorder = new Recorder();
        try (Feed _ = store().feed(log(), from, recorder)) {
          Eventually.holds(() -> recorder.seen().size() >= 20);
        }
        List<Change> seen = recorder.seen();
        for (int n = 0; n < seen.size(); n++) {
          assertEquals(from + n, seen.get(n).position().offset());
        }
        assertEquals(seen, recorder.seen(), "delivered after the close");
      }
    } finally {
      stop.set(true);
      finish(committer);
    }
  }

  private long commitUntil(AtomicBoolean stop, CountDownLatch some) {
    Document current = Document.missing(JACK);
    while (!stop.get() && current.revision() < 10_000_000) {
      Write first = Writes.replace(current, JsonObject.empty());
      Write second = Writes.set(first.after(), "n", JsonNumber.of(current.revision()));
      List<CommitResult> results = store().commit(List.of(first, second));
      current = assertInstanceOf(CommitResult.Committed.class, results.getLast()).change().after();
      some.countDown();
    }
    return current.revision();
  }

  private static void finish(CompletableFuture<Long> committer)
      throws InterruptedException, ExecutionException, TimeoutException {
    assertTrue(committer.get(30, TimeUnit.SECONDS) > 0);
  }
}
