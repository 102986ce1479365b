// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.decide.Decision;
import io.freshet.protocol.Change;
import io.freshet.protocol.LogId;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.CommitResult;
import io.freshet.spi.Store;
import io.freshet.spi.Write;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Gathers decided writes and commits them in batches, one batch at a time: while one is being made
/// durable the next one gathers, so throughput rises with concurrency and latency stays near one
/// sync.
///
/// What is fanned out comes from the logs' feeds, not from the commit's answer; the answer only
/// says which of the changes are ours.
final class Commits {
  /// What becomes of a batch, on the engine's thread.
  interface Results {
    /// Changes in log order; `own` holds the entry of each that this engine wrote, else null.
    void published(List<Change> changes, List<Slot.@Nullable Entry> own);

    /// In the order of the batch.
    void conflicts(List<Refused> refused);

    void failed(List<Slot.Entry> batch, FreshetException failure);
  }

  /// A write that another writer has overtaken.
  record Refused(Slot.Entry entry, CommitResult.Conflict conflict) {}

  private final Store store;
  private final Executor committer;
  private final Consumer<Runnable> onEngineThread;
  private final EngineOptions options;
  private final EngineMeter meter;
  private @Nullable Results results;
  private final LongSupplier nanoTime;
  private final ArrayDeque<Slot.Entry> gathered = new ArrayDeque<>();
  private final ArrayDeque<Fed> fed = new ArrayDeque<>();
  private final Map<LogId, ArrayDeque<Slot.Entry>> own = new HashMap<>();
  private boolean committing;

  /// Wait until what has been fed is published. Few.
  private final ArrayDeque<Runnable> afterwards = new ArrayDeque<>(0);

  private record Fed(LogId log, List<Change> changes) {}

  Commits(
      Store store,
      Executor committer,
      Consumer<Runnable> onEngineThread,
      EngineOptions options,
      EngineMeter meter,
      LongSupplier nanoTime) {
    this.store = store;
    this.committer = committer;
    this.onEngineThread = onEngineThread;
    this.options = options;
    this.meter = meter;
    this.nanoTime = nanoTime;
  }

  /// Called once, before anything else.
  void reportTo(Results to) {
    results = to;
  }

  private Results results() {
    if (results == null) {
      throw new IllegalStateException("nobody takes the results");
    }
    return results;
  }

  boolean isIdle() {
    return !committing && gathered.isEmpty();
  }

  int gathered() {
    return gathered.size();
  }

  void add(Slot.Entry entry) {
    gathered.add(entry);
  }

  /// Hands the next batch over if none is on its way.
  void submit() {
    if (committing || gathered.isEmpty()) {
      return;
    }
    var batch = new ArrayList<Slot.Entry>(Math.min(gathered.size(), options.batchWritesMax()));
    var writes = new ArrayList<Write>(batch.size());
    long bytes = 0;
    for (Slot.Entry entry = next(); entry != null; entry = next()) {
      Write write = write(entry);
      if (!fits(write, writes, bytes)) {
        break;
      }
      gathered.poll();
      batch.add(entry);
      writes.add(write);
      bytes += bytesOf(write);
    }
    if (!writes.isEmpty()) {
      committing = true;
      long startNanos = nanoTime.getAsLong();
      committer.execute(() -> commit(batch, writes, startNanos));
    }
  }

  /// The next that is still wanted.
  private Slot.@Nullable Entry next() {
    Slot.Entry entry = gathered.peek();
    while (entry != null && entry.cancelled) {
      gathered.poll();
      entry = gathered.peek();
    }
    return entry;
  }

  private static Write write(Slot.Entry entry) {
    if (entry.decision instanceof Decision.Accepted(Write write)) {
      return write;
    }
    throw new IllegalStateException("only accepted writes are gathered");
  }

  /// What belongs together goes together, however much it is.
  private boolean fits(Write write, List<Write> writes, long bytes) {
    if (writes.size() < options.batchWritesMax() && bytes < options.batchBytesMax()) {
      return true;
    }
    String batch = write.batch();
    return batch != null && batch.equals(writes.getLast().batch());
  }

  private static long bytesOf(Write write) {
    int size = write.after().data().encodedBytes();
    return write.operations() == null ? size : Math.min(size, 16 << 10);
  }

  /// On the committing thread.
  private void commit(List<Slot.Entry> batch, List<Write> writes, long startNanos) {
    try {
      List<CommitResult> answers = store.commit(writes);
      onEngineThread.accept(() -> committed(batch, answers, startNanos));
    } catch (FreshetException e) {
      onEngineThread.accept(() -> failed(batch, e));
    } catch (RuntimeException e) {
      var failure =
          new FreshetException(
              ErrorCode.UNAVAILABLE, "The store failed unexpectedly; see the log", e);
      onEngineThread.accept(() -> failed(batch, failure));
    }
  }

  /// A log's feed; on any thread.
  void onChanges(LogId log, List<Change> changes) {
    onEngineThread.accept(() -> {
      fed.add(new Fed(log, changes));
      if (!committing) {
        publish();
      }
    });
  }

  /// Runs the task once everything is published that the feeds have brought.
  void whenPublished(Runnable task) {
    if (fed.isEmpty()) {
      task.run();
    } else {
      afterwards.add(task);
    }
  }

  private void committed(List<Slot.Entry> batch, List<CommitResult> answers, long startNanos) {
    committing = false;
    meter.committed(batch.size(), nanoTime.getAsLong() - startNanos);
    var refused = new ArrayList<Refused>(0);
    for (int i = 0; i < batch.size(); i++) {
      Slot.Entry entry = batch.get(i);
      switch (answers.get(i)) {
        case CommitResult.Committed(Change change) -> {
          entry.offset = change.position().offset();
          own.computeIfAbsent(change.position().log(), log -> new ArrayDeque<>()).add(entry);
        }
        case CommitResult.Conflict conflict -> refused.add(new Refused(entry, conflict));
      }
    }
    publish();
    if (!refused.isEmpty()) {
      results().conflicts(refused);
      meter.conflicts(refused.size());
    }
  }

  private void failed(List<Slot.Entry> batch, FreshetException failure) {
    committing = false;
    meter.commitFailed(batch.size());
    publish();
    results().failed(batch, failure);
  }

  private void publish() {
    for (Fed next = fed.poll(); next != null; next = fed.poll()) {
      var entries = new ArrayList<Slot.@Nullable Entry>(next.changes.size());
      ArrayDeque<Slot.Entry> ours = own.get(next.log);
      for (Change change : next.changes) {
        entries.add(ours == null ? null : takeOwn(ours, change));
      }
      results().published(next.changes, entries);
    }
    for (Runnable next = afterwards.poll(); next != null; next = afterwards.poll()) {
      next.run();
    }
  }

  /// The entry that wrote the change, if it is the next of ours in this log.
  private static Slot.@Nullable Entry takeOwn(ArrayDeque<Slot.Entry> ours, Change change) {
    Slot.Entry first = ours.peek();
    return first != null && first.offset == change.position().offset() ? ours.poll() : null;
  }
}
