// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.protocol.error.ErrorCode;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// Echoes messages, and obeys a few words: `close`, `close 4000`, `throw`, `flood` (sends until the
/// connection is closed on it), `pause`.
final class EchoDoor implements Door {
  final BlockingQueue<Handshake> opened = new LinkedBlockingQueue<>();
  final BlockingQueue<Long> closed = new LinkedBlockingQueue<>();
  final BlockingQueue<Boolean> writability = new LinkedBlockingQueue<>();
  final AtomicInteger ticks = new AtomicInteger();
  final AtomicInteger misplacedCalls = new AtomicInteger();

  @Override
  public String path() {
    return "/echo";
  }

  @Override
  public List<String> subprotocols() {
    return List.of("freshet.2", "freshet.1");
  }

  @Override
  public HttpAnswer refusal(Handshake handshake) {
    return handshake.parameters().one("token").orElse("").equals("stolen")
        ? HttpAnswer.problem(ErrorCode.FORBIDDEN, "go away")
        : null;
  }

  @Override
  public SocketHandler open(Connection connection, Handshake handshake) {
    opened.add(handshake);
    if (handshake.query().equals("greet")) {
      send(connection, MessageKind.TEXT, "welcome");
    } else if (handshake.query().equals("refuse")) {
      connection.close(4001, "not today");
    } else if (handshake.query().equals("throw")) {
      throw new IllegalStateException("thrown by open, on purpose");
    }
    return new Echo(connection);
  }

  static void send(Connection connection, MessageKind kind, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteBuf frame = connection.allocator().buffer();
    WebSocketFrames.writeHeader(frame, kind, bytes.length);
    connection.send(frame.writeBytes(bytes));
  }

  private final class Echo implements SocketHandler {
    private final Connection connection;
    private boolean done;

    Echo(Connection connection) {
      this.connection = connection;
    }

    @Override
    public void onMessage(MessageKind kind, ByteBuf payload) {
      check();
      if (kind == MessageKind.TEXT && payload.readableBytes() < 20) {
        obey(payload.toString(StandardCharsets.UTF_8));
      }
      ByteBuf frame = connection.allocator().buffer();
      WebSocketFrames.write(frame, kind, payload);
      connection.send(frame);
    }

    private void obey(String word) {
      switch (word) {
        case "close" -> connection.close();
        case "close 4000" -> connection.close(4000, "asked for");
        case "throw" -> throw new IllegalStateException("thrown by onMessage, on purpose");
        case "flood" -> flood();
        default -> {}
      }
    }

    private void flood() {
      for (int i = 0; i < 10_000; i++) {
        send(connection, MessageKind.TEXT, "x".repeat(10_000));
        connection.flush();
      }
    }

    private void check() {
      if (done || !connection.eventLoop().inEventLoop()) {
        misplacedCalls.incrementAndGet();
      }
    }

    @Override
    public void onReadComplete() {
      check();
    }

    @Override
    public void onWritabilityChanged(boolean writable) {
      check();
      writability.add(writable);
    }

    @Override
    public void onTick(long nowNanos) {
      check();
      ticks.incrementAndGet();
    }

    @Override
    public void onClosed() {
      check();
      done = true;
      closed.add(connection.id());
    }
  }
}
