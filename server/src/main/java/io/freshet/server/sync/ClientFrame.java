// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.EventId;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonObject;
import io.freshet.server.stream.StreamWish;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a client says on `/ws`, one JSON object each.
sealed interface ClientFrame {
  /// A login, or the renewal of one.
  ///
  /// @param ref the client's name for it; null for none
  record Auth(JsonObject login, @Nullable String ref) implements ClientFrame {}

  record Ping(@Nullable String ref) implements ClientFrame {}

  /// @param snapshot whether documents that are there come first
  /// @param recover the last changes that are known, one per log; null to begin now
  record Subscribe(
      @Nullable String ref, Wish wish, boolean snapshot, @Nullable List<EventId> recover)
      implements ClientFrame {}

  record Unsubscribe(@Nullable String ref, String subscriptionId) implements ClientFrame {}

  /// A change stream is wanted.
  record Stream(@Nullable String ref, StreamWish wish) implements ClientFrame {}

  /// Everything up to an event of a stream is done with.
  record StreamAck(String streamId, EventId id) implements ClientFrame {}

  record StopStream(@Nullable String ref, String streamId) implements ClientFrame {}

  /// Something about live records.
  record OfRecord(@Nullable String ref, RecordAsk ask) implements ClientFrame {}

  /// An operation on documents.
  record Sync(String requestId, SyncRequest request) implements ClientFrame {}

  /// What cannot be read.
  ///
  /// @param ref of the frame, if that much could be read
  /// @param requestId of the frame, if that much could be read
  record Unreadable(@Nullable String ref, @Nullable String requestId, FreshetException why)
      implements ClientFrame {}
}
