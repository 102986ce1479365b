// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// One WebSocket from its opening to its end.
///
/// What is sent goes at once, if the wire is free and was before. In a rush it is gathered: while a
/// message is on its way, and until a thread of its own comes to send it, which costs the program
/// less than one system call per frame. What is received is read on as long as the program keeps
/// up.
///
/// Threading: guarded by the hub's lock, except [#pump] and what the JDK calls.
final class Link implements Wire, WebSocket.Listener {
  static final int ABNORMAL = 1006;
  private static final int NORMAL = 1000;
  private static final int NOT_A_FRAME = 4002;

  /// Frames that follow a message as closely are a rush.
  private static final long RUSH_NANOS = 50_000;

  /// So long a rush is gathered at most.
  private static final long GATHERED_NANOS_MAX = 1_000_000;

  /// So many messages, or parts of them, are asked for before they have come.
  private static final int AHEAD = 64;

  private static final String PING = "{\"type\":\"ping\"}";

  private final Hub hub;
  private final Owner owner;
  private final Outbox outbox = new Outbox();
  private final Heartbeat heartbeat;
  private final StringBuilder message = new StringBuilder();

  /// Messages that have come since others were asked for.
  private final AtomicInteger taken = new AtomicInteger();

  /// Whether a thread is on its way to send what there is.
  private final AtomicBoolean isGathering = new AtomicBoolean();

  private volatile @Nullable WebSocket socket;
  private volatile boolean isSending;
  private volatile long freeSinceNanos;
  private boolean isOver;

  Link(Hub hub, HttpClient http, URI address, Duration timeout, Owner owner) {
    this.hub = hub;
    this.owner = owner;
    this.heartbeat =
        new Heartbeat(
            hub,
            () -> outbox.add(PING),
            this::isReadingHeld,
            () -> close(ABNORMAL, "the server has fallen silent"));
    this.freeSinceNanos = hub.timing().nanos() - RUSH_NANOS;
    CompletableFuture<WebSocket> opening =
        http.newWebSocketBuilder().connectTimeout(timeout).buildAsync(address, this);
    CompletableFuture<WebSocket> unused =
        opening.whenComplete((opened, failure) -> {
          if (failure != null) {
            hub.locked(() -> end(ABNORMAL, messageOf(failure)));
          }
        });
  }

  private static String messageOf(Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    String text = cause.getMessage();
    return text == null ? cause.getClass().getSimpleName() : text;
  }

  // Out.

  @Override
  public void send(String frame) {
    if (!isOver) {
      outbox.add(frame);
      heartbeat.sent();
    }
  }

  @Override
  public void ping(Runnable answered) {
    if (!isOver) {
      heartbeat.ping(answered);
    }
  }

  @Override
  public void beat(long intervalMs) {
    heartbeat.begin(intervalMs);
  }

  /// Puts what was gathered on the wire, or leaves it to who does. Also goes on reading, if that
  /// was held. To be called without the lock.
  @Override
  public void pump() {
    resume();
    if (outbox.isEmpty() || isSending) {
      return;
    }
    if (!isRush()) {
      drain();
    } else if (isGathering.compareAndSet(false, true)) {
      hub.start(() -> {
        isGathering.set(false);
        drain();
      });
    }
  }

  private boolean isRush() {
    long most = isGathering.get() ? GATHERED_NANOS_MAX : RUSH_NANOS;
    return !outbox.isFull() && hub.timing().nanos() - freeSinceNanos < most;
  }

  /// Sends until nothing waits, or until a message is on its way: then its end goes on.
  private void drain() {
    WebSocket open = socket;
    while (!outbox.isEmpty() && !isSending && open != null) {
      String next = hub.quietly(this::nextMessage);
      if (next.isEmpty()) {
        return;
      }
      CompletableFuture<WebSocket> sending = open.sendText(next, true);
      if (sending.isDone() && !sending.isCompletedExceptionally()) {
        free();
      } else {
        CompletableFuture<WebSocket> unused =
            sending.whenComplete((sent, failure) -> sent(failure));
        return;
      }
    }
  }

  private void sent(@Nullable Throwable failure) {
    if (failure == null) {
      free();
      drain();
    } else {
      hub.locked(() -> close(ABNORMAL, messageOf(failure)));
    }
  }

  private void free() {
    freeSinceNanos = hub.timing().nanos();
    isSending = false;
  }

  /// @return empty if there is none, or one is on its way
  private String nextMessage() {
    if (isSending || outbox.isEmpty()) {
      return "";
    }
    isSending = true;
    return outbox.next();
  }

  // In.

  @Override
  public void onOpen(WebSocket opened) {
    boolean isLate =
        hub.locked(() -> {
          socket = opened;
          if (!isOver) {
            owner.opened();
          }
          return isOver;
        });
    if (isLate) {
      opened.abort();
    } else {
      opened.request(AHEAD);
      pump();
    }
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean isLast) {
    if (!isLast) {
      message.append(part);
      from.request(1);
      return null;
    }
    read(whole(part));
    taken.incrementAndGet();
    resume();
    return null;
  }

  private String whole(CharSequence lastPart) {
    if (message.isEmpty()) {
      return lastPart.toString(); // nearly always: no copy of its own
    }
    String text = message.append(lastPart).toString();
    message.setLength(0);
    return text;
  }

  /// Asks for as many messages as have come, half of those it asks ahead at a time.
  private void resume() {
    WebSocket open = socket;
    if (open != null && taken.get() >= AHEAD / 2 && hub.hasRoom()) {
      int more = taken.getAndSet(0);
      if (more > 0) {
        open.request(more);
      }
    }
  }

  private boolean isReadingHeld() {
    return taken.get() >= AHEAD;
  }

  private void read(String text) {
    List<Frame> frames;
    try {
      frames = framesOf(Mapper.parse(text));
    } catch (FreshetException e) {
      hub.locked(() -> close(NOT_A_FRAME, "not JSON"));
      return;
    }
    hub.locked(() -> {
      heartbeat.heard();
      for (Frame frame : frames) {
        if (!isOver) {
          received(frame);
        }
      }
    });
  }

  private static List<Frame> framesOf(JsonValue value) {
    if (value instanceof JsonObject object) {
      return List.of(new Frame(object));
    }
    var frames = new ArrayList<Frame>();
    if (value instanceof JsonArray array) {
      for (JsonValue each : array) {
        if (each instanceof JsonObject object) {
          frames.add(new Frame(object));
        }
      }
    }
    return frames;
  }

  private void received(Frame frame) {
    if (frame.type().equals("pong")) {
      heartbeat.answered();
    } else {
      heartbeat.received();
      owner.received(frame);
    }
  }

  // The end.

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    hub.locked(() -> end(code, reason));
    from.abort(); // whoever has closed, or has just gone, waits for nothing
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable failure) {
    hub.locked(() -> end(ABNORMAL, messageOf(failure)));
  }

  /// Ends it at once, without waiting for what a silent server would say to that.
  void close(int code, String reason) {
    end(code, reason);
  }

  @Override
  public void close() {
    end(NORMAL, "");
  }

  private void end(int code, String reason) {
    if (isOver) {
      return;
    }
    isOver = true;
    List<String> last = outbox.takeAll();
    heartbeat.end();
    WebSocket open = socket;
    if (open != null) {
      hub.start(() -> shut(open, code == NORMAL ? last : List.of(), code));
    }
    owner.ended(code, reason);
  }

  /// Sends the rest and says goodbye, if the line is free to, and does not wait for an answer.
  private static void shut(WebSocket open, List<String> last, int code) {
    if (open.isOutputClosed() || code == ABNORMAL) {
      open.abort();
      return;
    }
    for (String message : last) {
      CompletableFuture<WebSocket> sending = open.sendText(message, true);
      if (!sending.isDone() || sending.isCompletedExceptionally()) {
        open.abort();
        return;
      }
    }
    CompletableFuture<WebSocket> unused =
        open.sendClose(NORMAL, "").whenComplete((sent, failure) -> open.abort());
  }
}
