// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.server.session.Credentials;
import java.util.List;

/// A WebSocket route and the gateway behind it, whichever way it decides who may come in.
public sealed interface SocketDoor permits Door, JudgedDoor {

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
}
