// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.net.URI;

/// What a client says between the TCP connection and its first own message: WebSocket upgrade,
/// challenge, login with no data. One step per answer, as the JavaScript client does it.
final class Handshake {
  private final URI url;
  private final byte[] upgrade;

  Handshake(URI url) {
    this.url = url;
    this.upgrade =
        ("GET "
                + url.getRawPath()
                + " HTTP/1.1\r\nHost: "
                + url.getAuthority()
                + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
            .getBytes(US_ASCII);
  }

  byte[] upgradeRequest() {
    return upgrade;
  }

  /// Where the frames begin behind the server's HTTP response, -1 while that is incomplete.
  int endOfUpgrade(byte[] bytes, int to) {
    String head = new String(bytes, 0, to, US_ASCII);
    int end = head.indexOf("\r\n\r\n");
    if (end < 0) {
      return -1;
    }
    if (!head.startsWith("HTTP/1.1 101")) {
      throw new LoadException(
          "no WebSocket at " + url + ": " + head.lines().findFirst().orElse(""));
    }
    return end + 4;
  }

  MessageWriter challenge(MessageWriter writer) {
    return writer
        .start(Wire.CONNECTION_CHALLENGE)
        .text(Wire.CONNECTION_URL, url.toString())
        .text(Wire.CONNECTION_PROTOCOL_VERSION, "0.1a")
        .text(Wire.CONNECTION_SDK_VERSION, "7.0.5")
        .text(Wire.CONNECTION_SDK_TYPE, "javascript");
  }

  /// Answers the server's message; true when the connection is open now.
  boolean answer(Connection connection, Message message, Loop loop) {
    if (message.topic() == Wire.TOPIC_CONNECTION && message.action() == Wire.CONNECTION_ACCEPT) {
      loop.writer().start(Wire.AUTH_REQUEST).text(Wire.DATA, "{}");
      loop.send(connection, Wire.TOPIC_AUTH);
      connection.enter(Connection.Stage.LOGGING_IN);
      return false;
    }
    if (message.topic() == Wire.TOPIC_AUTH && message.action() == Wire.AUTH_SUCCESSFUL) {
      connection.enter(Connection.Stage.OPEN);
      return true;
    }
    throw new LoadException("login answered by " + message.describe());
  }
}
