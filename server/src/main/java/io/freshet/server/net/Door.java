// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

/// A WebSocket route and the gateway behind it.
public interface Door {

  /// Where clients knock, for example `/deepstream`. Compared with the request's path as a whole,
  /// byte by byte; a query string plays no part. Constant.
  String path();

  /// Takes over a connection whose upgrade has just been accepted. Frames may be sent at once.
  ///
  /// Called on the connection's event loop, concurrently with calls on other event loops; must not
  /// block. If it throws, the connection is closed with code 1011 and the error is logged.
  SocketHandler open(Connection connection, Handshake handshake);
}
