// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.server.session.Credentials;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A WebSocket route and the gateway behind it.
public interface Door {

  /// Where clients knock, for example `/deepstream`. Compared with the request's path as a whole,
  /// byte by byte; a query string plays no part. Constant.
  String path();

  /// The sub-protocols spoken here, the preferred first: of those a client offers the first in this
  /// list is agreed upon. A browser that offers some and gets none gives up, so one that shows its
  /// token in a sub-protocol ({@link Credentials#withSubprotocols}) offers another besides.
  /// Constant.
  default List<String> subprotocols() {
    return List.of();
  }

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
