// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/// Keeps event id times from going back over an unclean stop. A log below `fsync` may lose its
/// newest changes, and with them the knowledge of how late their times were; people may have seen
/// those ids. So times are used only up to a bound that was synced before, and a start after an
/// unclean stop begins there if the clock is not yet beyond it.
///
/// Safe for use by the committer and the maintenance.
final class TimeReservation {
  private static final long AHEAD_MS = 5_000;
  private static final long RENEW_MS = 2_500;

  private final Database database;
  private final Meta meta;

  TimeReservation(Database database, Meta meta) {
    this.database = database;
    this.meta = meta;
  }

  /// Makes sure that the time may be used.
  void require(LogTail tail, long timeMs) throws RocksDBException {
    if (tail.mayLose() && timeMs > tail.timeReservedMs()) {
      reserve(tail, timeMs);
    }
  }

  /// Extends the reservation of a log in use before a commit has to wait for it.
  void renew(LogTail tail) throws RocksDBException {
    long reserved = tail.timeReservedMs();
    if (tail.mayLose() && reserved != 0 && tail.timeMs() > reserved - RENEW_MS) {
      reserve(tail, tail.timeMs());
    }
  }

  private synchronized void reserve(LogTail tail, long timeMs) throws RocksDBException {
    long upToMs = timeMs + AHEAD_MS;
    if (upToMs <= tail.timeReservedMs()) {
      return;
    }
    try (var batch = new WriteBatch()) {
      meta.putTimeReserved(batch, tail, upToMs);
      database.write(batch, Database.Sync.LOG_AND_SYNC);
    }
    tail.timeReserved(upToMs);
  }
}
