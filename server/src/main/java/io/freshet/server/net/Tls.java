// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.function.Supplier;

/// How connections are encrypted.
///
/// @param context asked for each connection that begins
/// @param handshakeTimeout for the encryption of a connection to be agreed on
/// @param handshakesMax connections that have not agreed on it yet; above it, those that have been
///   silent for longest make room
/// @param identifies whether clients' certificates say who they are; otherwise doors do not see
///   them
public record Tls(
    Supplier<SslContext> context,
    Duration handshakeTimeout,
    int handshakesMax,
    boolean identifies) {
  public Tls {
    if (!handshakeTimeout.isPositive() || handshakesMax < 1) {
      throw new IllegalArgumentException("handshakeTimeout or handshakesMax out of bounds");
    }
  }
}
