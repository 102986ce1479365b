// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

import io.freshet.protocol.json.JsonValue;
import org.jspecify.annotations.Nullable;

/// What travels on a [Bus].
public sealed interface BusMessage {
  /// An event, for whoever subscribes to its name.
  ///
  /// @param data null when it was emitted without any, which differs from JSON null
  /// @param emitter means something only to the sending node: it excludes the emitting session
  record Event(String name, @Nullable JsonValue data, long emitter) implements BusMessage {}

  /// Part of one remote procedure call. `call` is the caller's node's number for it.
  sealed interface OfCall extends BusMessage {
    long call();
  }

  /// To a node that provides the procedure: find a provider.
  ///
  /// @param requestorName who asks, if the configuration tells providers
  /// @param requestorData likewise
  record Request(
      long call,
      String name,
      String correlationId,
      @Nullable JsonValue data,
      @Nullable String requestorName,
      @Nullable JsonValue requestorData)
      implements OfCall {}

  /// To the caller's node: a provider has been asked; its time begins.
  record Offered(long call) implements OfCall {}

  /// To the caller's node: the provider has accepted.
  record Accepted(long call) implements OfCall {}

  /// To the caller's node: the answer.
  record Responded(long call, @Nullable JsonValue data) implements OfCall {}

  /// To the caller's node: the provider's error.
  record Failed(long call, @Nullable JsonValue data) implements OfCall {}

  /// To the caller's node: nobody here will do it; ask another node.
  record Exhausted(long call) implements OfCall {}

  /// To the caller's node: the provider that had accepted is gone, so no answer will come.
  record Lost(long call) implements OfCall {}

  /// To the providing node: the caller does not wait any more.
  record Abandoned(long call) implements OfCall {}
}
