// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.ingest;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What has been appended to a log and not been published: bounded, so that a source that tells
/// more than the engine can hand out waits.
///
/// Threading: any thread.
final class Backlog {
  private static final int CHANGES_MAX = 50_000;
  private static final long BYTES_MAX = 32L << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final ArrayDeque<Piece> pieces = new ArrayDeque<>();
  private long bytes;
  private int changes;
  private long publishedUpTo;
  private boolean closed;

  private record Piece(long lastOffset, int changes, long bytes) {}

  /// Waits until there is room.
  ///
  /// @return false when the engine has stopped
  boolean awaitRoom() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed && (changes > CHANGES_MAX || bytes > BYTES_MAX)) {
        room.await();
      }
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  void appended(long lastOffset, int count, long size) {
    lock.lock();
    try {
      // The feed may have been faster than the answer.
      if (lastOffset > publishedUpTo) {
        pieces.add(new Piece(lastOffset, count, size));
        changes += count;
        bytes += size;
      }
    } finally {
      lock.unlock();
    }
  }

  void published(long offset) {
    lock.lock();
    try {
      publishedUpTo = offset;
      for (Piece first = pieces.peek();
          first != null && first.lastOffset <= offset;
          first = pieces.peek()) {
        pieces.poll();
        changes -= first.changes;
        bytes -= first.bytes;
      }
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Changes in it.
  int changes() {
    lock.lock();
    try {
      return changes;
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
