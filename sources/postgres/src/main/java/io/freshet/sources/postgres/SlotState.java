// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/// A replication slot, as it is at one moment.
///
/// @param confirmed the database sends what is committed behind it
/// @param holder number of the process that serves it; 0 if none does
/// @param lag bytes of log behind `confirmed`
/// @param retained bytes of log that are kept for it
record SlotState(long confirmed, int holder, long lag, long retained) {
  private static final String SQL =
      """
      SELECT coalesce(confirmed_flush_lsn, '0/0')::text, coalesce(active_pid, 0),
        coalesce(pg_wal_lsn_diff(place, confirmed_flush_lsn), 0),
        coalesce(pg_wal_lsn_diff(place, restart_lsn), 0)
      FROM pg_replication_slots, (SELECT CASE WHEN pg_is_in_recovery()
        THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS place) AS log
      WHERE slot_name = ?\
      """;

  /// Null if there is none of this name.
  static @Nullable SlotState read(Connection connection, String slot) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(SQL)) {
      statement.setString(1, slot);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? new SlotState(
                Lsn.parse(row.getString(1)), row.getInt(2), row.getLong(3), row.getLong(4))
            : null;
      }
    }
  }
}
