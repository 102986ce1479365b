// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import org.jspecify.annotations.Nullable;

/// A WebSocket route and the gateway behind it, which decides at once who may come in.
public non-sealed interface Door extends SocketDoor {

  /// What is wrong with a handshake as far as it tells; null if nothing is. Asked before the
  /// connection becomes a WebSocket, on its event loop; must not block. A {@link
  /// io.freshet.protocol.error.FreshetException} is answered as the problem it is.
  default @Nullable HttpAnswer refusal(Handshake handshake) {
    return null;
  }

  /// Takes over a connection whose upgrade has just been accepted. Frames may be sent at once.
  ///
  /// Called on the connection's event loop, concurrently with calls on other event loops; must not
  /// block. If it throws, the connection is closed with code 1011 and the error is logged.
  SocketHandler open(Connection connection, Handshake handshake);
}
