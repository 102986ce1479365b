// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Operations that have not been answered. When the connection falls they are sent again over the
/// next one, in their order and with the same request ids, by which the server knows what it has
/// done already.
///
/// Threading: guarded by the hub's lock.
final class Requests {
  /// The server remembers request ids for ten minutes.
  static final long RESENT_WITHIN_NANOS = TimeUnit.MINUTES.toNanos(9);

  /// What brings the connection down every time must not do so for ever. The server does operations
  /// in their order, so it is the first one without an answer that may have done it.
  static final int FALLS_MAX = 4;

  /// Close code of a server that got a larger message than it takes.
  private static final int MESSAGE_TOO_BIG = 1009;

  /// An operation as the caller wants it done.
  record Operation(String requestId, String text, boolean isWrite) {}

  private static final class Request {
    final Operation operation;
    final long order;
    final CompletableFuture<Frame> answer = new CompletableFuture<>();
    Hub.@Nullable Timer timer;
    boolean isSent;

    /// How often the connection fell while this was the first without an answer.
    int falls;

    long firstSentNanos;
    boolean isRenewed;

    Request(Operation operation, long order) {
      this.operation = operation;
      this.order = order;
    }
  }

  private final Hub hub;
  private final Line line;
  private final QueueLimits limits;
  private final Room room;
  private final Map<String, Request> pending = new LinkedHashMap<>();

  Requests(Hub hub, QueueLimits limits, Line line) {
    this.hub = hub;
    this.limits = limits;
    this.line = line;
    this.room = new Room(hub, limits);
  }

  CompletableFuture<Frame> call(Operation operation, long order) {
    String id = operation.requestId;
    if (!line.isHopeless() && !room.await(pending::size)) {
      return CompletableFuture.failedFuture(room.noRoom());
    }
    if (line.isHopeless()) {
      return CompletableFuture.failedFuture(
          FreshetClientException.unavailable("not connected", id));
    }
    if (pending.containsKey(id)) {
      return CompletableFuture.failedFuture(
          FreshetClientException.invalid("request " + id + " has not been answered yet"));
    }
    var request = new Request(operation, order);
    long timeoutMs = limits.requestTimeout().toMillis();
    if (timeoutMs > 0) {
      request.timer = hub.after(timeoutMs, () -> timeOut(id));
    }
    pending.put(id, request);
    transmit(request);
    return request.answer;
  }

  /// What a new connection has to send.
  List<Outgoing> waiting() {
    var outgoing = new ArrayList<Outgoing>();
    for (Request each : pending.values()) {
      outgoing.add(new Outgoing(each.order, () -> transmit(each)));
    }
    return outgoing;
  }

  private void transmit(Request request) {
    boolean isPending = pending.get(request.operation.requestId) == request;
    if (isPending && line.send(request.operation.text)) {
      if (!request.isSent) {
        request.isSent = true;
        request.firstSentNanos = hub.timing().nanos();
      }
    }
  }

  /// The connection fell: what cannot be sent again safely ends.
  ///
  /// @param code of the close
  void down(int code) {
    long now = hub.timing().nanos();
    if (code == MESSAGE_TOO_BIG) {
      refuseLargest();
    }
    pending.values().stream()
        .filter(each -> each.isSent)
        .findFirst()
        .ifPresent(each -> each.falls++);
    for (Request each : List.copyOf(pending.values())) {
      boolean isOld = each.isSent && now - each.firstSentNanos > RESENT_WITHIN_NANOS;
      if (isOld || each.falls >= FALLS_MAX) {
        abandon(each, "the connection fell");
      }
    }
  }

  /// The server does not say which message was too big for it.
  private void refuseLargest() {
    pending.values().stream()
        .filter(each -> each.isSent)
        .max(Comparator.comparingInt(each -> each.operation.text.length()))
        .ifPresent(each ->
            fail(
                each,
                FreshetClientException.of(
                    413,
                    "PAYLOAD_TOO_LARGE",
                    "a message of %d characters is larger than the server takes"
                        .formatted(each.operation.text.length()))));
  }

  /// There will be no connection.
  void over(String why) {
    List.copyOf(pending.values()).forEach(each -> abandon(each, why));
    room.wakeAll();
  }

  /// @return whether it was the answer to an operation
  boolean answer(Frame frame) {
    Request request = pending.get(frame.text("requestId", ""));
    if (request == null) {
      return false;
    }
    take(request);
    hub.complete(request.answer, frame);
    return true;
  }

  /// @return whether the error was the answer to an operation
  boolean refuse(Frame frame) {
    Request request = pending.get(frame.text("requestId", ""));
    if (request == null) {
      return false;
    }
    FreshetClientException error = frame.error();
    if (error.is("TOKEN_EXPIRED") && line.login().canRenew() && !request.isRenewed) {
      request.isRenewed = true;
      line.login().renew(() -> transmit(request), why -> fail(request, error));
    } else {
      fail(request, error);
    }
    return true;
  }

  private void timeOut(String requestId) {
    Request request = pending.get(requestId);
    if (request != null) {
      abandon(request, "no answer within " + limits.requestTimeout().toMillis() + " ms");
    }
  }

  private void abandon(Request request, String why) {
    String id = request.operation.requestId;
    boolean isUncertain = request.operation.isWrite && request.isSent;
    fail(
        request,
        isUncertain
            ? FreshetClientException.notDurable(
                why + "; whether the write was done is not known", id)
            : FreshetClientException.unavailable(why, id));
  }

  private void fail(Request request, FreshetClientException why) {
    take(request);
    hub.fail(request.answer, why);
  }

  private void take(Request request) {
    pending.remove(request.operation.requestId);
    Hub.cancel(request.timer);
    room.free();
  }
}
