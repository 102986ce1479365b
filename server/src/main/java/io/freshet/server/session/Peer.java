// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.session;

import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/// The other end of a connection, as far as the connection itself tells.
///
/// @param address of the TCP connection, without the port
/// @param certificate the other end has shown to be its own, of an issuer that is trusted; null for
///   none
public record Peer(String address, @Nullable X509Certificate certificate) {
  /// One without a certificate.
  public Peer(String address) {
    this(address, null);
  }
}
