// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.LogId;
import io.freshet.spi.CommitResult;
import io.freshet.spi.SourceLog;
import io.freshet.spi.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// The log of one source. Its progress is written with the changes it stands for, so after any stop
/// they agree.
///
/// **Threads.** One at a time; the commit lock orders it with the engine's commits.
final class RocksSourceLog implements SourceLog {
  private final LogTail tail;
  private final Opening parts;
  private final Committer committer;
  private final Maintenance maintenance;
  private volatile SourceProgress progress;

  RocksSourceLog(LogTail tail, Opening parts, Committer committer, Maintenance maintenance) {
    this.tail = tail;
    this.parts = parts;
    this.committer = committer;
    this.maintenance = maintenance;
    this.progress = parts.meta.progress(tail.number()).at(tail.head());
  }

  @Override
  public LogId id() {
    return tail.id();
  }

  @Override
  public @Nullable String progress() {
    return progress.text();
  }

  @Override
  public void route(Set<String> collections) {
    committer.requireWritable();
    if (parts.logs.claimedBy(tail).equals(collections)) {
      return;
    }
    try {
      maintenance.between(() -> {
        committer.lock();
        try {
          committer.requireWritable();
          claim(Set.copyOf(collections));
        } finally {
          committer.unlock();
        }
      });
    } catch (RocksDBException e) {
      committer.fail("Documents could not be written: " + e.getMessage());
      throw Refusals.unavailable(committer.reason());
    }
  }

  /// A document may go on in another log: no log may then be behind the documents.
  private void claim(Set<String> collections) throws RocksDBException {
    Set<String> before = parts.logs.claimedBy(tail);
    boolean moves =
        parts.collections.any(name -> before.contains(name) != collections.contains(name));
    if (moves) {
      parts.materialiser.run();
      parts.database.flush();
    }
    List<LogTail> robbed = new ArrayList<>();
    for (LogTail other : parts.logs.all()) {
      if (other != tail && parts.logs.claimedBy(other).removeAll(collections)) {
        robbed.add(other);
      }
    }
    committer.write(batch -> {
      parts.meta.putRoutes(batch, tail.number(), collections);
      for (LogTail other : robbed) {
        Set<String> left = parts.logs.claimedBy(other);
        left.removeAll(collections);
        parts.meta.putRoutes(batch, other.number(), left);
      }
    });
    parts.logs.claim(tail, collections);
    parts.collections.moveAll();
  }

  @Override
  public List<CommitResult> append(List<Write> writes, String newProgress) {
    long started = System.nanoTime();
    writes.forEach(write -> Committer.requireSound(write, true));
    committer.awaitRoom();
    committer.lock();
    try {
      committer.requireWritable();
      if (writes.isEmpty() && newProgress.equals(progress.text())) {
        return List.of();
      }
      CommitBatch batch = committer.begin(tail);
      try {
        List<CommitResult> results = batch.add(writes);
        if (results.stream().anyMatch(CommitResult.Conflict.class::isInstance)) {
          return conflicts(writes);
        }
        SourceProgress next = progress.next(tail.head() + batch.count(), newProgress);
        committer.write(
            batch, encoded -> parts.meta.putProgress(encoded, tail.number(), next), started);
        progress = next;
        return results;
      } finally {
        batch.clear();
      }
    } finally {
      committer.unlock();
    }
  }

  /// The progress stands for all of the writes: without one of them there is none.
  private List<CommitResult> conflicts(List<Write> writes) {
    var conflicts = new ArrayList<CommitResult>(writes.size());
    for (Write write : writes) {
      conflicts.add(new CommitResult.Conflict(parts.documents.load(write.key())));
    }
    return conflicts;
  }

  @Override
  public void newEpoch(String newProgress) {
    committer.lock();
    try {
      committer.requireWritable();
      var epoch = new Meta.Epoch(tail.epoch() + 1, parts.nextTag());
      SourceProgress next = progress.next(tail.head(), newProgress);
      committer.write(batch -> {
        parts.meta.putEpoch(batch, tail.number(), epoch, tail.head());
        parts.meta.putProgress(batch, tail.number(), next);
      });
      parts.tags.put(epoch.tag(), new Meta.Tag(tail.number(), epoch.number(), tail.head()));
      tail.beginEpoch(epoch);
      progress = next;
    } finally {
      committer.unlock();
    }
  }
}
