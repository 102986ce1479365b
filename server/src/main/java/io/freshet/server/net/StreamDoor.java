// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A route whose answer goes on: Server-Sent Events, and the gateway behind it. Once the answer has
/// begun the gateway has the same {@link Connection} as on a WebSocket, under the same bounds, so
/// that one session can serve both; only its frames are other ones.
///
/// Threading: both methods are called on event loops, concurrently, so they must not block.
public interface StreamDoor {

  /// Where it stands and what it takes. Constant.
  HttpRoute.Place place();

  /// As {@link HttpRoute#refusal}.
  default @Nullable HttpAnswer refusal(HttpCall head) {
    return null;
  }

  /// Decides what a whole request that was not refused gets. The stage may be completed by any
  /// thread, and must be completed within a time that the gateway itself limits. Errors as with
  /// {@link HttpRoute#answer}.
  CompletionStage<Opening> open(HttpCall call);

  /// How a request to a stream is answered.
  sealed interface Opening {
    /// With this, and nothing after it.
    record Refused(HttpAnswer answer) implements Opening {}

    /// With status 200 and `text/event-stream`.
    ///
    /// @param gateway called once on the connection's event loop, after the head of the answer has
    ///   been queued; events may be sent at once. Never called if the client is gone by then, nor
    ///   for `HEAD`, so nothing may have to be given back before
    record Accepted(Function<Connection, SocketHandler> gateway) implements Opening {}
  }
}
