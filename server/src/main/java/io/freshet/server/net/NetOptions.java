// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

/// How the server listens.
///
/// @param host address or name to bind
/// @param port 0 for any free one
/// @param eventLoops threads that serve sockets, at least 1
public record NetOptions(
    String host, int port, int eventLoops, AccessPolicy access, SocketLimits limits) {

  public NetOptions {
    if (port < 0 || port > 65535 || eventLoops < 1) {
      throw new IllegalArgumentException("port or eventLoops out of bounds");
    }
  }
}
