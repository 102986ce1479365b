// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// Judges as the query says: `refuse`, `bad`, `throw`, `fail`, `later` (when a test says so),
/// `broken` (fails once it has begun). Those it lets in get their messages back.
final class CourtDoor implements JudgedDoor {
  final BlockingQueue<Handshake> asked = new LinkedBlockingQueue<>();
  final BlockingQueue<CompletableFuture<Opening>> later = new LinkedBlockingQueue<>();
  final BlockingQueue<Connection> opened = new LinkedBlockingQueue<>();
  final AtomicInteger abandoned = new AtomicInteger();
  final AtomicInteger closed = new AtomicInteger();
  final AtomicInteger misplacedCalls = new AtomicInteger();

  @Override
  public String path() {
    return "/court";
  }

  @Override
  public List<String> subprotocols() {
    return List.of("freshet.1");
  }

  @Override
  public CompletionStage<Opening> open(Handshake handshake) {
    asked.add(handshake);
    return switch (handshake.query()) {
      case "refuse" ->
          CompletableFuture.completedStage(
              new Opening.Refused(new HttpAnswer(409, "application/json", Map.of(), "{}")));
      case "bad" -> throw new FreshetException(ErrorCode.INVALID_FILTER, "no such field");
      case "throw" -> throw new IllegalStateException("thrown by open, on purpose: a secret");
      case "fail" ->
          CompletableFuture.failedStage(new IllegalStateException("failed on purpose: a secret"));
      case "later" -> {
        var answer = new CompletableFuture<Opening>();
        later.add(answer);
        yield answer;
      }
      case "broken" ->
          CompletableFuture.completedStage(
              new Opening.Accepted(
                  _ -> {
                    throw new IllegalStateException("thrown by the gateway, on purpose");
                  },
                  abandoned::incrementAndGet));
      default -> CompletableFuture.completedStage(accepted());
    };
  }

  Opening accepted() {
    return new Opening.Accepted(
        connection -> {
          opened.add(connection);
          return new Echo(connection);
        },
        abandoned::incrementAndGet);
  }

  private final class Echo implements SocketHandler {
    private final Connection connection;
    private boolean done;

    Echo(Connection connection) {
      this.connection = connection;
    }

    private void check() {
      if (done || !connection.eventLoop().inEventLoop()) {
        misplacedCalls.incrementAndGet();
      }
    }

    @Override
    public void onMessage(MessageKind kind, ByteBuf payload) {
      check();
      ByteBuf frame = connection.allocator().buffer();
      WebSocketFrames.write(frame, kind, payload);
      connection.send(frame);
    }

    @Override
    public void onReadComplete() {
      check();
    }

    @Override
    public void onWritabilityChanged(boolean writable) {
      check();
    }

    @Override
    public void onClosed() {
      check();
      done = true;
      closed.incrementAndGet();
    }
  }
}
