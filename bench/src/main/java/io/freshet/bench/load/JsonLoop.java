// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.net.URI;

/// Connections that speak JSON in text frames: `/ws`.
final class JsonLoop extends Sockets {
  /// The scenario's side. Frames of login and of signs of life never get here.
  interface Handler {
    void opened(Connection connection);

    /// @param frame valid during the call only
    void frame(Connection connection, JsonFrame frame);
  }

  private final Handler handler;
  private final FrameWriter frames = new FrameWriter();
  private final JsonWriter writer = new JsonWriter();
  private final JsonFrame frame = new JsonFrame();

  JsonLoop(URI url, Handler handler) {
    super(url);
    this.handler = handler;
  }

  JsonWriter writer() {
    return writer;
  }

  /// Sends what [#writer] holds, at the end of this pass at the latest.
  void send(Connection connection) {
    frames.append(connection.out(), Wire.OPCODE_TEXT, writer.bytes(), 0, writer.length());
    queueFlush(connection);
  }

  /// The server speaks first.
  @Override
  void upgraded(Connection connection) {
    connection.enter(Connection.Stage.LOGGING_IN);
  }

  @Override
  void content(Connection connection, int opcode, byte[] bytes, int from, int to) {
    if (opcode != Wire.OPCODE_TEXT) {
      throw new LoadException("connection " + connection.id() + " got opcode " + opcode);
    }
    frame.set(bytes, from, to);
    if (connection.stage() == Connection.Stage.OPEN) {
      handler.frame(connection, frame);
    } else if (frame.isOf("welcome")) {
      loggedIn(connection);
      handler.opened(connection);
    } else {
      throw frame.unexpected();
    }
  }

  /// The server asks by itself, with WebSocket pings.
  @Override
  void ping(Connection connection) {}
}
