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
  private final LogId id;
  private final int number;
  private final Durability durability;
  private final long epoch;
  private final int tag;
  private volatile long oldest;

  /// The newest change; before the epoch's first one, where that comes behind.
  private volatile EventId head;

  private final AtomicLong appendedBytes;
  private final AtomicLong droppedBytes = new AtomicLong();
  private volatile long materialisedBytes;
  private volatile long materialised;
  private volatile long timeReservedMs;

  /// @param start where it stands after recovery
  LogTail(Durability durability, long epoch, int tag, Start start) {
    this.id = new LogId(durability.name().toLowerCase(Locale.ROOT));
    this.number = number(durability);
    this.durability = durability;
    this.epoch = epoch;
    this.tag = tag;
    this.oldest = start.oldest;
    this.head = EventId.of(start.timeMs, tag, start.head);
    this.appendedBytes = new AtomicLong(start.bytes);
    this.materialisedBytes = start.bytesMaterialised;
    this.materialised = start.materialised;
  }

  /// What recovery found.
  ///
  /// @param oldest offset of the oldest change held
  /// @param head offset of the newest change
  /// @param timeMs no later change may have an earlier time
  /// @param bytes of the changes held, as encoded
  /// @param materialised the documents on disk contain every change up to here
  /// @param bytesMaterialised how many of the bytes are up to there
  record Start(
      long oldest, long head, long timeMs, long bytes, long materialised, long bytesMaterialised) {}

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

  /// Whether an unclean stop may lose acknowledged changes.
  boolean mayLose() {
    return durability.compareTo(Durability.FSYNC) < 0;
  }

  long epoch() {
    return epoch;
  }

  int tag() {
    return tag;
  }

  long oldest() {
    return oldest;
  }

  void dropBefore(long offset, long bytes) {
    oldest = offset;
    droppedBytes.addAndGet(bytes);
  }

  long head() {
    return head.offset();
  }

  /// No later change has an earlier time.
  long timeMs() {
    return head.timeMs();
  }

  void append(long newHead, long newTimeMs, long bytes) {
    appendedBytes.addAndGet(bytes);
    head = EventId.of(newTimeMs, tag, newHead);
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
    EventId newest = head;
    return new LogState(id, epoch, durability, oldest, newest.offset(), newest, heldBytes());
  }
}
