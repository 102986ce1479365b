// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import org.jspecify.annotations.Nullable;

/// How the server listens.
///
/// @param host address or name to bind
/// @param port 0 for any free one
/// @param eventLoops threads that serve sockets, at least 1
/// @param peers what one address and one connection may take
/// @param tls null for plain text
public record NetOptions(
    String host,
    int port,
    int eventLoops,
    AccessPolicy access,
    SocketLimits limits,
    PeerLimits peers,
    @Nullable Tls tls) {

  /// In plain text, without limits on single peers.
  public NetOptions(
      String host, int port, int eventLoops, AccessPolicy access, SocketLimits limits) {
    this(host, port, eventLoops, access, limits, PeerLimits.NONE, null);
  }

  public NetOptions {
    if (port < 0 || port > 65535 || eventLoops < 1) {
      throw new IllegalArgumentException("port or eventLoops out of bounds");
    }
  }
}
