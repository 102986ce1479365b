// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.protocol.error.FreshetException;
import io.freshet.server.session.Peer;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The HTTP request that became a WebSocket, after every check of the server's own has passed.
///
/// Read what is needed in {@link Door#open} and let go of it: keeping it costs memory per
/// connection.
///
/// @param target the request target as sent, for example `/deepstream?x=y`
/// @param path the part before `?`, equal to the door's path
/// @param query the part after the first `?`, still percent-encoded; empty if absent
/// @param host the `Host` header as sent
/// @param origin the `Origin` header, if any
/// @param userAgent the `User-Agent` header, if any
/// @param headers all of them, as sent, each byte a character (ISO 8859-1): at most 16 KiB, at a
///   {@link JudgedDoor} 256 KiB; not to be kept longer than a login takes
/// @param remoteAddress the peer of the TCP connection
/// @param certificate that the peer has shown to be its own; null for none
public record Handshake(
    String target,
    String path,
    String query,
    String host,
    Optional<String> origin,
    Optional<String> userAgent,
    List<Map.Entry<String, String>> headers,
    InetSocketAddress remoteAddress,
    @Nullable X509Certificate certificate) {

  /// The other end of the connection.
  public Peer peer() {
    return new Peer(remoteAddress.getHostString(), certificate);
  }

  /// The parameters of the query.
  ///
  /// @throws FreshetException `INVALID_ARGUMENT` if it cannot be read
  public Query parameters() {
    return Query.of(query);
  }

  /// Without what may be secret: the query and the headers.
  @Override
  public String toString() {
    return "Handshake[" + path + " from " + remoteAddress + "]";
  }
}
