// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.Change;
import io.freshet.protocol.LogId;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.ChangeListener;
import io.freshet.spi.Feed;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who is told of commits, and how a reader of the past becomes a listener of the present without a
/// gap.
///
/// **Threads.** Guarded by the commit lock: [#deliver] runs inside it, and the last step of the
/// hand-over as well, so nothing can be committed in between.
final class Feeds {
  private static final Logger LOG = LoggerFactory.getLogger(Feeds.class);

  /// How many changes are replayed at once.
  private static final int REPLAY = 512;

  private final ReentrantLock commitLock;
  private final LogReader reader;
  private List<RunningFeed> running = List.of();

  Feeds(ReentrantLock commitLock, LogReader reader) {
    this.commitLock = commitLock;
    this.reader = reader;
  }

  /// Replays what is held on the calling thread, without holding up commits until the distance is
  /// small, then joins.
  Feed open(LogTail tail, long from, ChangeListener listener) {
    if (from > tail.head() + 1) {
      throw new FreshetException(
          ErrorCode.INVALID_ARGUMENT,
          "The log ends at " + tail.head() + "; " + from + " is beyond it");
    }
    var feed = new RunningFeed(tail.id(), listener);
    long next = from;
    do {
      next = replay(tail, next, feed);
    } while (tail.head() - next > REPLAY);
    commitLock.lock();
    try {
      while (next <= tail.head()) {
        next = replay(tail, next, feed);
      }
      var more = new ArrayList<>(running);
      more.add(feed);
      running = List.copyOf(more);
    } finally {
      commitLock.unlock();
    }
    return feed;
  }

  private long replay(LogTail tail, long from, RunningFeed feed) {
    List<Change> held =
        reader.read(tail, null, from, REPLAY).stream().map(LogReader.Found::change).toList();
    if (held.isEmpty()) {
      return from;
    }
    feed.deliver(held);
    return held.getLast().position().offset() + 1;
  }

  /// Tells everybody; the commit lock is held.
  void deliver(LogId log, List<Change> changes) {
    for (RunningFeed feed : running) {
      if (feed.log.equals(log)) {
        feed.deliver(changes);
      }
    }
  }

  private final class RunningFeed implements Feed {
    private final LogId log;
    private final ChangeListener listener;
    private boolean closed;

    private RunningFeed(LogId log, ChangeListener listener) {
      this.log = log;
      this.listener = listener;
    }

    /// The changes are committed whatever a listener does with them.
    private void deliver(List<Change> changes) {
      if (closed) {
        return;
      }
      try {
        listener.onChanges(log, changes);
      } catch (RuntimeException e) {
        LOG.error("A listener of log {} failed on committed changes", log, e);
      }
    }

    @Override
    public void close() {
      commitLock.lock();
      try {
        closed = true;
        running = running.stream().filter(feed -> feed != this).toList();
      } finally {
        commitLock.unlock();
      }
    }
  }
}
