// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.net.URI;

/// Connections that speak the deepstream protocol.
final class Loop extends Sockets {
  /// The scenario's side. Messages of connection and login never get here.
  interface Handler {
    void opened(Connection connection);

    void message(Connection connection, Message message);
  }

  private final Handshake handshake;
  private final Handler handler;
  private final MessageWriter writer = new MessageWriter();
  private final Message message = new Message();
  private long pongs;

  Loop(URI url, Handler handler) {
    super(url);
    this.handshake = new Handshake(url);
    this.handler = handler;
  }

  MessageWriter writer() {
    return writer;
  }

  /// Sends what [#writer] holds, at the end of this pass at the latest.
  void send(Connection connection, int topic) {
    writer.appendTo(connection.out(), topic);
    queueFlush(connection);
  }

  /// Answers to heartbeats so far.
  long pongs() {
    return pongs;
  }

  void pingAll() {
    for (Connection connection : connections()) {
      if (connection.stage() == Connection.Stage.OPEN) {
        ping(connection);
      }
    }
  }

  @Override
  void upgraded(Connection connection) {
    connection.enter(Connection.Stage.CHALLENGING);
    handshake.challenge(writer);
    send(connection, Wire.TOPIC_CONNECTION);
  }

  @Override
  void content(Connection connection, int opcode, byte[] bytes, int from, int to) {
    if (opcode != Wire.OPCODE_BINARY) {
      throw new LoadException("connection " + connection.id() + " got opcode " + opcode);
    }
    message.decode(bytes, from, to);
    if (connection.stage() != Connection.Stage.OPEN) {
      if (handshake.answer(connection, message, this)) {
        loggedIn(connection);
        handler.opened(connection);
      }
    } else if (message.topic() == Wire.TOPIC_CONNECTION) {
      pongs += message.action() == Wire.CONNECTION_PONG ? 1 : 0;
    } else {
      handler.message(connection, message);
    }
  }

  @Override
  void ping(Connection connection) {
    writer.start(Wire.CONNECTION_PING);
    send(connection, Wire.TOPIC_CONNECTION);
  }
}
