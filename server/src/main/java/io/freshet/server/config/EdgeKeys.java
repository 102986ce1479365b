// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import io.freshet.server.tls.ClientAuth;
import java.time.Duration;
import java.util.List;

/// The keys about what a connection is before anybody has logged in: its encryption, and what one
/// address, one user and one connection may take.
final class EdgeKeys {
  static final Key<ForwardedHeader> FORWARDED_HEADER =
      new Key<>(
          "server.forwardedHeader",
          new ValueType.Choice<>(List.of(ForwardedHeader.values())),
          ForwardedHeader.X_FORWARDED_FOR,
          "Where those proxies say whose connection it is: `x_forwarded_for` in the header"
              + " `X-Forwarded-For`, `forwarded` in `Forwarded` (RFC 7239). The other one does not"
              + " count: a proxy may pass on what a client wrote in it.");

  enum ForwardedHeader {
    X_FORWARDED_FOR,
    FORWARDED
  }

  static final Key<String> CERTIFICATE =
      new Key<>(
          "server.tls.certificate",
          new ValueType.File(),
          "",
          "The server's certificate, PEM, behind it those of its issuers. With it the port speaks"
              + " TLS 1.3 and 1.2 and nothing else. Read again when it changes.");
  static final Key<String> CERTIFICATE_KEY =
      new Key<>(
          "server.tls.key",
          new ValueType.File(),
          "",
          "The certificate's key, PEM (`-----BEGIN PRIVATE KEY-----`). Must be given with it.");
  static final Key<String> CLIENT_CA =
      new Key<>(
          "server.tls.clientCa",
          new ValueType.File(),
          "",
          "The issuers whose certificates clients may show, PEM. Who they then are says an entry"
              + " of `auth` of the type `certificate`.");
  static final Key<ClientAuth> CLIENT_AUTH =
      new Key<>(
          "server.tls.clientAuth",
          new ValueType.Choice<>(List.of(ClientAuth.values())),
          ClientAuth.NONE,
          "Whether clients show certificates: `required` turns away who has none. Without a value:"
              + " `required` with `server.tls.clientCa`.");
  static final Key<Duration> HANDSHAKE_TIMEOUT =
      new Key<>(
          "server.tls.handshakeTimeout",
          new ValueType.Time(Duration.ofMillis(100), Duration.ofMinutes(5)),
          Duration.ofSeconds(10),
          "How long a client may take to agree on the encryption.");
  static final Key<Long> PER_ADDRESS =
      new Key<>(
          "limits.connectionsPerAddress",
          new ValueType.Whole(0, 10_000_000),
          1000L,
          "How many connections one address may have open; 0 for as many as it likes. Of IPv6, a"
              + " /64 counts as one address. Behind `server.trustedProxies`, what they speak for is"
              + " counted. Further ones are closed, or refused with `LIMIT_REACHED`.");
  static final Key<List<String>> EXEMPT =
      new Key<>(
          "limits.exemptAddresses",
          new ValueType.Several<>(new ValueType.Text("addresses or networks", Keys::network)),
          List.of("127.0.0.0/8", "::1"),
          "Addresses whose connections are not counted by `limits.connectionsPerAddress`. A proxy"
              + " on this machine belongs into `server.trustedProxies`, or everybody behind it is"
              + " exempt.");
  static final Key<Long> PER_USER =
      new Key<>(
          "limits.connectionsPerUser",
          new ValueType.Whole(0, 10_000_000),
          10_000L,
          "How many connections one user may have logged in, at all doors together; 0 for as many"
              + " as it likes. Without `auth` nobody is counted. Further ones get"
              + " `LIMIT_REACHED`.");
  static final Key<Long> MESSAGES =
      new Key<>(
          "limits.messagesPerSecond",
          new ValueType.Whole(0, 10_000_000),
          0L,
          "How many messages one connection may send, 0 for as many as it likes. Who sends more is"
              + " not read for a while, so that nothing is lost; on HTTP the requests get"
              + " `RATE_LIMITED`.");
  static final Key<Long> BYTES =
      new Key<>(
          "limits.bytesPerSecond",
          new ValueType.Size(0, 1L << 30),
          0L,
          "The same in bytes, of WebSockets, 0 for as many as it likes. A message larger than that"
              + " is read all the same; the connection then waits up to five seconds.");
  static final Key<Long> FAULTS =
      new Key<>(
          "limits.badMessagesPerSecond",
          new ValueType.Whole(0, 10_000_000),
          100L,
          "How many messages of a connection may make no sense (undecodable, unknown, invalid), 0"
              + " for any number. Ten times as many may come at once. Who sends more is not read"
              + " for a while.");
  static final Key<Long> HANDSHAKES =
      new Key<>(
          "limits.tlsHandshakes",
          new ValueType.Whole(1, 1_000_000),
          1000L,
          "How many connections may be about to agree on their encryption. For further ones, those"
              + " silent for longest make room.");

  private EdgeKeys() {}
}
