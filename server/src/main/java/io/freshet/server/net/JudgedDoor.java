// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/// A WebSocket route whose gateway takes its time over a handshake: the client waits for the `101`
/// until it is known that it may come in, and gets any other answer instead.
///
/// Its clients may say in their headers what they want, so up to 256 KiB of headers are taken here
/// (elsewhere 16 KiB). While the handshake is judged, what is above 16 KiB counts as a body does.
///
/// Threading: all methods are called on event loops, concurrently, so they must not block.
public non-sealed interface JudgedDoor extends SocketDoor {

  /// Decides what a well-formed handshake gets. The stage may be completed by any thread, and must
  /// be completed within a time that the gateway itself limits. A failure is answered as with
  /// {@link HttpRoute#answer}.
  CompletionStage<Opening> open(Handshake handshake);

  /// How a handshake is answered.
  sealed interface Opening {
    /// With this, and the end of the connection.
    record Refused(HttpAnswer answer) implements Opening {}

    /// With status 101. Exactly one of the two is called, once.
    ///
    /// @param gateway called on the connection's event loop, after the answer has been queued;
    ///   frames may be sent at once. If it throws, the connection is closed with code 1011
    /// @param abandoned called instead if the client is gone by then: gives back what was taken for
    ///   it. Called on an event loop, or on any thread when the server is stopping
    record Accepted(Function<Connection, SocketHandler> gateway, Runnable abandoned)
        implements Opening {}
  }
}
