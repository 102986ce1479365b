// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.spi.Durability;
import io.freshet.spi.LogState;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/// Where one log stands.
///
/// **Threads.** The head, time and size are moved by the committer alone, the mark and what was
/// dropped by the maintenance alone, `oldest` by the maintenance while no commit runs. All may be
/// read by any thread.
final class LogTail {
  /// Numbers from here on are those of sources.
  static final int FIRST_SOURCE = 16;

  /// So that a failed commit can note where all logs ended ([FailureMark]).
  static final int SOURCES_MAX = 24;

  private final LogId id;
  private final int number;
  private final Durability durability;
  private volatile long oldest;
  private volatile Head head;

  private final AtomicLong appendedBytes;
  private final AtomicLong droppedBytes = new AtomicLong();
  private volatile long materialisedBytes;
  private volatile long materialised;
  private volatile long timeReservedMs;

  /// @param start where it stands after recovery
  private LogTail(LogId id, int number, Durability durability, Meta.Epoch epoch, Start start) {
    this.id = id;
    this.number = number;
    this.durability = durability;
    this.oldest = start.oldest;
    this.head = new Head(epoch.number(), EventId.of(start.timeMs, epoch.tag(), start.head));
    this.appendedBytes = new AtomicLong(start.bytes);
    this.materialisedBytes = start.bytesMaterialised;
    this.materialised = start.materialised;
  }

  /// The log of a level.
  static LogTail of(Durability level, Meta.Epoch epoch, Start start) {
    var id = new LogId(level.name().toLowerCase(Locale.ROOT));
    return new LogTail(id, number(level), level, epoch, start);
  }

  /// The log of a source.
  static LogTail ofSource(String name, int number, Meta.Epoch epoch, Start start) {
    return new LogTail(new LogId("source/" + name), number, Durability.FSYNC, epoch, start);
  }

  /// Where it ends.
  ///
  /// @param epoch that the next change is of
  /// @param id of the newest change; before the epoch's first one, where that comes behind
  private record Head(long epoch, EventId id) {}

  /// What recovery found.
  ///
  /// @param oldest offset of the oldest change held
  /// @param head offset of the newest change
  /// @param timeMs no later change may have an earlier time
  /// @param bytes of the changes held, as encoded
  /// @param materialised the documents on disk contain every change up to here
  /// @param bytesMaterialised how many of the bytes are up to there
  record Start(
      long oldest, long head, long timeMs, long bytes, long materialised, long bytesMaterialised) {
    /// Of a log without changes.
    static final Start EMPTY = new Start(1, 0, 0, 0, 0, 0);
  }

  static final int MEMORY = 1;

  /// The number that stands for the level on disk.
  static int number(Durability durability) {
    return switch (durability) {
      case MEMORY -> MEMORY;
      case OS -> 2;
      case FSYNC -> 3;
      case REPLICATED -> throw Refusals.durabilityNotSupported();
    };
  }

  LogId id() {
    return id;
  }

  int number() {
    return number;
  }

  Durability durability() {
    return durability;
  }

  /// Whether one source alone writes it.
  boolean isSource() {
    return number >= FIRST_SOURCE;
  }

  /// Whether an unclean stop may lose acknowledged changes.
  boolean mayLose() {
    return durability.compareTo(Durability.FSYNC) < 0;
  }

  long epoch() {
    return head.epoch;
  }

  int tag() {
    return head.id.tag();
  }

  long oldest() {
    return oldest;
  }

  void dropBefore(long offset, long bytes) {
    oldest = offset;
    droppedBytes.addAndGet(bytes);
  }

  long head() {
    return head.id.offset();
  }

  /// No later change has an earlier time.
  long timeMs() {
    return head.id.timeMs();
  }

  void append(long newHead, long newTimeMs, long bytes) {
    appendedBytes.addAndGet(bytes);
    Head before = head;
    head = new Head(before.epoch, EventId.of(newTimeMs, before.id.tag(), newHead));
  }

  /// What comes from now on is of another epoch. By whoever has the commit lock.
  void beginEpoch(Meta.Epoch epoch) {
    EventId before = head.id;
    head = new Head(epoch.number(), EventId.of(before.timeMs(), epoch.tag(), before.offset()));
  }

  /// Bytes of the changes held, as encoded.
  long heldBytes() {
    return appendedBytes.get() - droppedBytes.get();
  }

  /// Bytes ever appended; those found at the start included.
  long appendedBytes() {
    return appendedBytes.get();
  }

  /// Bytes a start after an unclean stop would have to replay.
  long unmaterialisedBytes() {
    return appendedBytes.get() - materialisedBytes;
  }

  long materialised() {
    return materialised;
  }

  /// @param appended what [#appendedBytes] was at that offset
  void materialisedUpTo(long offset, long appended) {
    materialised = offset;
    materialisedBytes = appended;
  }

  /// Times up to here may be used; a restart after an unclean stop continues from here.
  long timeReservedMs() {
    return timeReservedMs;
  }

  void timeReserved(long upToMs) {
    timeReservedMs = upToMs;
  }

  LogState state() {
    Head now = head;
    return new LogState(id, now.epoch, durability, oldest, now.id.offset(), now.id, heldBytes());
  }
}
