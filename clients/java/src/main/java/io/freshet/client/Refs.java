// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Questions about records that have not been answered, by their `ref`. When the connection falls
/// they are asked again over the next one; writes have a request id, by which the server knows what
/// it has done already.
///
/// Threading: guarded by the hub's lock.
final class Refs {
  private final Hub hub;
  private final QueueLimits limits;
  private final Line line;
  private final Map<String, Question> pending = new LinkedHashMap<>();
  private final Room room;
  private int count;

  private static final class Question {
    final String ref;
    final String text;
    final long order;
    final boolean isWrite;
    final CompletableFuture<Frame> answer = new CompletableFuture<>();
    Hub.@Nullable Timer timer;
    boolean isSent;

    /// How often the connection fell while this was the first without an answer.
    int falls;

    long firstSentNanos;

    Question(String ref, String text, long order, boolean isWrite) {
      this.ref = ref;
      this.text = text;
      this.order = order;
      this.isWrite = isWrite;
    }
  }

  Refs(Hub hub, QueueLimits limits, Line line) {
    this.hub = hub;
    this.limits = limits;
    this.line = line;
    this.room = new Room(hub, limits);
  }

  CompletableFuture<Frame> ask(String type, Consumer<FrameText> members) {
    return ask(type, false, members);
  }

  CompletableFuture<Frame> write(Consumer<FrameText> members) {
    return ask("record", true, members);
  }

  private CompletableFuture<Frame> ask(String type, boolean isWrite, Consumer<FrameText> members) {
    line.requireOpen();
    if (!line.isHopeless() && !room.await(pending::size)) {
      return CompletableFuture.failedFuture(room.noRoom());
    }
    if (line.isHopeless()) {
      return CompletableFuture.failedFuture(FreshetClientException.unavailable("not connected"));
    }
    String ref = "r" + ++count;
    long order = line.nextOrder();
    var text = new FrameText(type).text("ref", ref);
    members.accept(text);
    if (isWrite) {
      text.text("requestId", line.requestId(order));
    }
    var question = new Question(ref, text.end(), order, isWrite);
    long timeoutMs = limits.requestTimeout().toMillis();
    if (timeoutMs > 0) {
      question.timer =
          hub.after(timeoutMs, () -> abandon(question, "no answer within " + timeoutMs + " ms"));
    }
    pending.put(ref, question);
    transmit(question);
    return question.answer;
  }

  private void transmit(Question question) {
    boolean isPending = pending.get(question.ref) == question;
    if (isPending && line.send(question.text) && !question.isSent) {
      question.isSent = true;
      question.firstSentNanos = hub.timing().nanos();
    }
  }

  /// What a new connection has to send.
  List<Outgoing> waiting() {
    var outgoing = new ArrayList<Outgoing>();
    for (Question each : pending.values()) {
      outgoing.add(new Outgoing(each.order, () -> transmit(each)));
    }
    return outgoing;
  }

  /// @return whether it was the answer to a question
  boolean answer(Frame frame) {
    Question question = pending.get(frame.text("ref", ""));
    if (question == null) {
      return false;
    }
    take(question);
    if (frame.type().equals("error")) {
      hub.fail(question.answer, frame.error());
    } else {
      hub.complete(question.answer, frame);
    }
    return true;
  }

  private void take(Question question) {
    pending.remove(question.ref);
    Hub.cancel(question.timer);
    room.free();
  }

  /// The connection fell: what cannot be asked again safely ends.
  void down() {
    long now = hub.timing().nanos();
    pending.values().stream()
        .filter(each -> each.isSent)
        .findFirst()
        .ifPresent(each -> each.falls++);
    for (Question each : List.copyOf(pending.values())) {
      boolean isOld = each.isSent && now - each.firstSentNanos > Requests.RESENT_WITHIN_NANOS;
      if (isOld || each.falls >= Requests.FALLS_MAX) {
        abandon(each, "the connection fell");
      }
    }
  }

  void over(String why) {
    List.copyOf(pending.values()).forEach(each -> abandon(each, why));
    room.wakeAll();
  }

  private void abandon(Question question, String why) {
    if (pending.containsKey(question.ref)) {
      take(question);
      boolean isUncertain = question.isWrite && question.isSent;
      hub.fail(
          question.answer,
          isUncertain
              ? FreshetClientException.notDurable(
                  why + "; whether the write was done is not known", null)
              : FreshetClientException.unavailable(why));
    }
  }
}
