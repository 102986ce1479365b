// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.RowChange;
import org.jspecify.annotations.Nullable;

/// The bound on one row, as JSON. A change beyond it is neither told nor passed over: the source
/// stops in front of it, so that nothing is lost until somebody has decided what is to become of
/// it. A row that is only read is refused to whoever reads it.
///
/// @param max bytes
record RowSize(long max) {

  /// Thrown in front of a change that is too large.
  static final class ExceededException extends java.sql.SQLException {
    private static final long serialVersionUID = 1;

    ExceededException(String message) {
      super(message);
    }
  }

  boolean isExceeded(@Nullable JsonObject row) {
    return row != null && row.encodedBytes() > max;
  }

  /// @throws ExceededException naming the row
  void require(RowChange change) throws ExceededException {
    switch (change) {
      case RowChange.Inserted(String collection, String id, JsonObject row) ->
          require(collection, id, row);
      case RowChange.Updated row -> {
        require(row.collection(), row.id(), row.row());
        require(row.collection(), row.id(), row.former());
      }
      case RowChange.Moved row -> {
        require(row.collection(), row.id(), row.row());
        require(row.collection(), row.oldId(), row.former());
      }
      case RowChange.Deleted(String collection, String id, JsonObject former) ->
          require(collection, id, former);
      case RowChange.Truncated _, RowChange.Read _ -> {}
    }
  }

  private void require(String collection, String id, @Nullable JsonObject row)
      throws ExceededException {
    if (row != null && isExceeded(row)) {
      throw new ExceededException(
          "A change of %s. Nothing is lost, and nothing behind it is told, until `maxRow` is raised"
                  .formatted(tooLarge(collection, id, row))
              + " or the replication slot is given up");
    }
  }

  /// What somebody is told who reads it.
  FreshetException refusal(String collection, String id, JsonObject row) {
    return new FreshetException(
        ErrorCode.DOCUMENT_TOO_LARGE, "The " + tooLarge(collection, id, row));
  }

  private String tooLarge(String collection, String id, JsonObject row) {
    return "row %s of %s: it has %d bytes as JSON, more than `maxRow` of its source allows (%d)"
        .formatted(id, collection, row.encodedBytes(), max);
  }
}
