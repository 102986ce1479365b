// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What PostgreSQL's output plugin `pgoutput` tells, version 1 of its protocol. Transactions come
/// one after the other in the order of their commits, each whole, none that was rolled back.
///
/// A [Tuple] is good until the next message is decoded.
sealed interface LogMessage {
  /// @param commitLsn where the transaction's commit stands in the log
  /// @param committedAt microseconds since 2000
  record Begin(long commitLsn, long committedAt, int xid) implements LogMessage {}

  /// @param endLsn the place behind the commit
  record Commit(long commitLsn, long endLsn, long committedAt) implements LogMessage {}

  /// Where the transaction came from, if it is a copy itself.
  record Origin(long lsn, String name) implements LogMessage {}

  /// Comes before the first change of a table, and again when the table has become another one.
  record Described(Relation relation) implements LogMessage {}

  /// The name of a type that columns have.
  record Type(long oid, String schema, String name) implements LogMessage {}

  record Insert(long relation, Tuple row) implements LogMessage {}

  /// @param old the row before, or its key alone; null if neither is told
  /// @param whole whether it is the row
  record Update(long relation, @Nullable Tuple old, boolean whole, Tuple row)
      implements LogMessage {}

  record Delete(long relation, Tuple old, boolean whole) implements LogMessage {}

  record Truncate(List<Long> relations) implements LogMessage {
    public Truncate {
      relations = List.copyOf(relations);
    }
  }

  /// Written by `pg_logical_emit_message`.
  record Message(boolean transactional, long lsn, String prefix, String content)
      implements LogMessage {}
}
