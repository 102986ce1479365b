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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// One WebSocket from its opening to its end.
///
/// What is sent is gathered while a message is on its way; what was gathered goes as one message,
/// an array of frames. What is received is read on as long as the program keeps up.
///
/// Threading: guarded by the hub's lock, except [#pump] and what the JDK calls.
final class Link implements Wire, WebSocket.Listener {
  static final int ABNORMAL = 1006;
  private static final int NORMAL = 1000;
  private static final int NOT_A_FRAME = 4002;
  private static final int MESSAGE_CHARACTERS_MAX = 64 << 10;

  /// Looks at the line so often in each interval of the heartbeat.
  private static final int TURNS = 5;

  /// So many times a ping may be found unanswered, with nothing else heard.
  private static final int ASKED_TURNS_MAX = 3;

  private final Hub hub;
  private final Owner owner;
  private final ArrayDeque<String> outbox = new ArrayDeque<>();
  private final StringBuilder message = new StringBuilder();

  /// What waits for an answer to a ping each, in the order the pings were sent.
  private final ArrayDeque<Runnable> pinged = new ArrayDeque<>();

  private final AtomicBoolean isReadingHeld = new AtomicBoolean();
  private volatile @Nullable WebSocket socket;
  private volatile boolean hasMail;
  private volatile boolean isSending;
  private boolean isOver;
  private boolean isHeard = true;

  /// Whether something was sent since the server was heard last.
  private boolean isOwed;

  private int turns;

  /// Of those that have passed in a row: nothing was heard; and there was a ping to answer.
  private int unheardTurns;

  private int askedTurns;
  private Hub.@Nullable Timer heartbeat;

  Link(Hub hub, HttpClient http, URI address, Duration timeout, Owner owner) {
    this.hub = hub;
    this.owner = owner;
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
      hasMail = true;
      isOwed = true;
    }
  }

  @Override
  public void ping(Runnable answered) {
    pinged.add(answered);
    send("{\"type\":\"ping\"}");
  }

  @Override
  public void beat(long intervalMs) {
    Hub.cancel(heartbeat);
    heartbeat = hub.after(Math.max(1, intervalMs / TURNS), () -> turn(intervalMs));
  }

  /// The platform does not always tell that a connection has fallen: whoever waits for an answer
  /// asks soon whether somebody is there.
  private void turn(long intervalMs) {
    turns++;
    unheardTurns = isHeard ? 0 : unheardTurns + 1;
    askedTurns = isHeard || pinged.isEmpty() || isReadingHeld.get() ? 0 : askedTurns + 1;
    isHeard = false;
    if (askedTurns >= ASKED_TURNS_MAX) {
      close(ABNORMAL, "the server has fallen silent");
      return;
    }
    boolean isDoubtful = isOwed && unheardTurns > 0 && pinged.isEmpty();
    if (isDoubtful || turns % TURNS == 0) {
      ping(() -> {});
    }
    beat(intervalMs);
  }

  /// Puts what was gathered on the wire, unless a message is on its way: then that one's end does.
  /// Also goes on reading, if that was held. To be called without the lock.
  @Override
  public void pump() {
    resume();
    WebSocket open = socket;
    while (hasMail && !isSending && open != null) {
      String next = hub.quietly(this::nextMessage);
      if (next.isEmpty()) {
        return;
      }
      CompletableFuture<WebSocket> sending = open.sendText(next, true);
      if (sending.isDone() && !sending.isCompletedExceptionally()) {
        isSending = false;
      } else {
        CompletableFuture<WebSocket> unused =
            sending.whenComplete((sent, failure) -> sent(failure));
        return;
      }
    }
  }

  private void sent(@Nullable Throwable failure) {
    // The lock's release calls pump().
    hub.locked(() -> {
      isSending = false;
      if (failure != null) {
        close(ABNORMAL, messageOf(failure));
      }
    });
  }

  /// @return empty if there is none, or one is on its way
  private String nextMessage() {
    if (isSending || outbox.isEmpty()) {
      return "";
    }
    isSending = true;
    String first = outbox.remove();
    if (outbox.isEmpty()) {
      hasMail = false;
      return first;
    }
    var frames = new StringBuilder(first.length() + 256).append('[').append(first);
    while (!outbox.isEmpty()
        && frames.length() + outbox.element().length() < MESSAGE_CHARACTERS_MAX) {
      frames.append(',').append(outbox.remove());
    }
    hasMail = !outbox.isEmpty();
    return frames.append(']').toString();
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
      opened.request(1);
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
    isReadingHeld.set(true);
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

  private void resume() {
    WebSocket open = socket;
    if (isReadingHeld.get()
        && open != null
        && hub.hasRoom()
        && isReadingHeld.compareAndSet(true, false)) {
      open.request(1);
    }
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
      isHeard = true;
      isOwed = false;
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
      Runnable answered = pinged.poll();
      if (answered != null) {
        answered.run();
      }
    } else {
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
    hasMail = false;
    outbox.clear();
    pinged.clear();
    Hub.cancel(heartbeat);
    WebSocket open = socket;
    if (open != null) {
      hub.start(() -> shut(open, code));
    }
    owner.ended(code, reason);
  }

  /// Says goodbye if the line is free to, and does not wait for an answer.
  private static void shut(WebSocket open, int code) {
    if (open.isOutputClosed() || code == ABNORMAL) {
      open.abort();
      return;
    }
    CompletableFuture<WebSocket> unused =
        open.sendClose(NORMAL, "").whenComplete((sent, failure) -> open.abort());
  }
}
