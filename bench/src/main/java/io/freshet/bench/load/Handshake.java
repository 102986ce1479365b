// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.net.URI;

/// What a client says between the WebSocket and its first own message: challenge, login with no
/// data. One step per answer, as the JavaScript client does it.
final class Handshake {
  private final URI url;

  Handshake(URI url) {
    this.url = url;
  }

  MessageWriter challenge(MessageWriter writer) {
    return writer
        .start(Wire.CONNECTION_CHALLENGE)
        .text(Wire.CONNECTION_URL, url.toString())
        .text(Wire.CONNECTION_PROTOCOL_VERSION, "0.1a")
        .text(Wire.CONNECTION_SDK_VERSION, "7.0.5")
        .text(Wire.CONNECTION_SDK_TYPE, "javascript");
  }

  /// Answers the server's message; true when the connection is logged in now.
  boolean answer(Connection connection, Message message, Loop loop) {
    if (message.topic() == Wire.TOPIC_CONNECTION && message.action() == Wire.CONNECTION_ACCEPT) {
      loop.writer().start(Wire.AUTH_REQUEST).text(Wire.DATA, "{}");
      loop.send(connection, Wire.TOPIC_AUTH);
      connection.enter(Connection.Stage.LOGGING_IN);
      return false;
    }
    if (message.topic() == Wire.TOPIC_AUTH && message.action() == Wire.AUTH_SUCCESSFUL) {
      return true;
    }
    throw new LoadException("login answered by " + message.describe());
  }
}
