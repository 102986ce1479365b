// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// Streams what tests tell it to, and obeys the query: `refuse`, `bad`, `throw`, `later` (when a
/// test says so), `broken` (fails once it has begun).
final class EventsDoor implements StreamDoor {
  final BlockingQueue<CompletableFuture<Opening>> later = new LinkedBlockingQueue<>();
  final BlockingQueue<Connection> opened = new LinkedBlockingQueue<>();
  final BlockingQueue<Long> closed = new LinkedBlockingQueue<>();
  final BlockingQueue<Boolean> writability = new LinkedBlockingQueue<>();
  final AtomicInteger ticks = new AtomicInteger();
  final AtomicInteger misplacedCalls = new AtomicInteger();

  @Override
  public HttpRoute.Place place() {
    return new HttpRoute.Place("/things/events", false, Set.of("GET", "POST"), 1000);
  }

  @Override
  public HttpAnswer refusal(HttpCall head) {
    return head.query().equals("pay") ? HttpAnswer.text(402, "pay first") : null;
  }

  @Override
  public CompletionStage<Opening> open(HttpCall call) {
    return switch (call.query()) {
      case "refuse" ->
          CompletableFuture.completedStage(
              new Opening.Refused(
                  HttpAnswer.problem(ErrorCode.UNAUTHENTICATED, "who are you")
                      .with("WWW-Authenticate", "Bearer")));
      case "bad" -> throw new FreshetException(ErrorCode.INVALID_ARGUMENT, "no such topic");
      case "throw" -> throw new IllegalStateException("thrown by open, on purpose: a secret");
      case "later" -> {
        var answer = new CompletableFuture<Opening>();
        later.add(answer);
        yield answer;
      }
      case "broken" ->
          CompletableFuture.completedStage(
              new Opening.Accepted(_ -> {
                throw new IllegalStateException("thrown by the gateway, on purpose");
              }));
      default -> CompletableFuture.completedStage(accepted());
    };
  }

  Opening accepted() {
    return new Opening.Accepted(connection -> {
      opened.add(connection);
      return new Stream(connection);
    });
  }

  /// From any thread.
  static void send(Connection connection, String text) {
    connection
        .eventLoop()
        .execute(() -> {
          ByteBuf frame = connection.allocator().buffer();
          frame.writeCharSequence(text, StandardCharsets.UTF_8);
          connection.send(frame);
          connection.flush();
        });
  }

  private final class Stream implements SocketHandler {
    private final Connection connection;
    private boolean done;

    Stream(Connection connection) {
      this.connection = connection;
    }

    private void check() {
      if (done || !connection.eventLoop().inEventLoop()) {
        misplacedCalls.incrementAndGet();
      }
    }

    @Override
    public void onMessage(MessageKind kind, ByteBuf payload) {
      misplacedCalls.incrementAndGet();
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
