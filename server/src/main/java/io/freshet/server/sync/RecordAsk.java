// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.command.Condition;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a client wants of live records.
sealed interface RecordAsk {
  /// To be sent its state, and its changes from there on.
  ///
  /// @param create whether a missing record is made
  record Open(DocumentKey key, boolean create) implements RecordAsk {}

  /// To be sent no more of it.
  record Close(DocumentKey key) implements RecordAsk {}

  /// @param data of the whole record; null when fields are edited
  /// @param operations null when the whole record is written
  /// @param create whether a missing record is made
  /// @param idempotencyKey recognises a repetition; null for none
  record Write(
      DocumentKey key,
      @Nullable JsonValue data,
      @Nullable List<FieldOperation> operations,
      Condition condition,
      boolean create,
      @Nullable String idempotencyKey)
      implements RecordAsk {}

  /// @param idempotencyKey recognises a repetition; null for none
  record Delete(DocumentKey key, @Nullable String idempotencyKey) implements RecordAsk {}

  /// Which revision it is at, or with its data, without opening it.
  record Read(DocumentKey key, boolean withData) implements RecordAsk {}

  /// They were changed in the store behind the server's back.
  record Notify(List<DocumentKey> keys) implements RecordAsk {
    public Notify {
      keys = List.copyOf(keys);
    }
  }

  /// To provide records whose names match.
  record Listen(String pattern) implements RecordAsk {}

  record Unlisten(String pattern) implements RecordAsk {}

  /// Whether it provides a record it was asked for.
  record Answer(String pattern, String name, boolean accept) implements RecordAsk {}
}
