// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import io.freshet.protocol.Change;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Position;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.Durability;
import io.freshet.spi.LogState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One log of a [MemoryStore], guarded by it.
final class MemoryLog {
  final LogId id;
  private final Durability durability;

  /// The change at offset `o` stands at index `o - dropped - 1`.
  private final List<Change> changes = new ArrayList<>();

  private Epoch epoch;
  private long dropped;
  private long bytes;
  private EventId headId;

  MemoryLog(LogId id, Durability durability, int tag) {
    this.id = id;
    this.durability = durability;
    this.epoch = new Epoch(this, 1, tag, 0);
    this.headId = EventId.of(0, tag, 0);
  }

  /// A run of a log, and between which places its changes stand or stood.
  static final class Epoch {
    private final MemoryLog log;
    private final long number;
    private final int tag;
    private final long begin;
    private long end = Long.MAX_VALUE;

    private Epoch(MemoryLog log, long number, int tag, long begin) {
      this.log = log;
      this.number = number;
      this.tag = tag;
      this.begin = begin;
    }

    /// Where a change of this epoch stands or stood; null if there never was one.
    @Nullable Position locate(long offset) {
      long last = end == Long.MAX_VALUE ? log.head() : end;
      return offset >= begin && offset <= last ? new Position(log.id, number, offset) : null;
    }
  }

  Epoch epoch() {
    return epoch;
  }

  long timeMs() {
    return headId.timeMs();
  }

  long head() {
    return dropped + changes.size();
  }

  LogState state() {
    return new LogState(id, epoch.number, durability, dropped + 1, head(), headId, bytes);
  }

  /// The id and place of a change to come.
  ///
  /// @param behind how many come before it
  EventId nextId(long timeMs, int behind) {
    return EventId.of(timeMs, epoch.tag, head() + behind + 1);
  }

  Position nextPosition(int behind) {
    return new Position(id, epoch.number, head() + behind + 1);
  }

  void append(Change change) {
    changes.add(change);
    headId = change.id();
    bytes += bytesOf(change);
  }

  private static long bytesOf(Change change) {
    return change.after().data().encodedBytes();
  }

  /// What is held.
  List<Change> changes() {
    return changes;
  }

  /// @throws FreshetException `NOT_FOUND` when it is no longer held
  List<Change> from(long offset) {
    if (offset <= dropped) {
      throw new FreshetException(
          ErrorCode.NOT_FOUND,
          "Change " + offset + " is no longer held; the oldest is " + (dropped + 1));
    }
    int index = Math.toIntExact(Math.min(offset - dropped - 1, changes.size()));
    return changes.subList(index, changes.size());
  }

  void dropBefore(long offset) {
    long count = Math.clamp(offset - dropped - 1, 0, changes.size());
    forget(changes.subList(0, (int) count));
    dropped += count;
  }

  private void forget(List<Change> gone) {
    bytes -= gone.stream().mapToLong(MemoryLog::bytesOf).sum();
    gone.clear();
  }

  /// Takes the newest changes away and begins a new epoch.
  ///
  /// @return what was taken away
  List<Change> lose(int newest, int tag) {
    epoch.end = head();
    List<Change> tail = changes.subList(changes.size() - newest, changes.size());
    List<Change> lost = List.copyOf(tail);
    forget(tail);
    epoch = new Epoch(this, epoch.number + 1, tag, head());
    headId = EventId.of(headId.timeMs(), tag, head());
    return lost;
  }
}
