// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Outcome;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.EventId;
import io.freshet.protocol.Operation;
import io.freshet.protocol.filter.Row;
import io.freshet.protocol.filter.Transition;
import io.freshet.server.gate.DoorReply;
import io.freshet.server.gate.Positions;
import io.freshet.spi.Listed;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The way of one subscription from its frame to where it is told of everything that happens:
///
/// 1. *Follow*, from now on or from where the subscriber left off. From this answer on the logs are
///    known to be at hand, and the subscription is acknowledged.
/// 2. If it wants a snapshot: *scan* the collection page by page, then go on from where 1 was,
///    leaving out what the pages have shown already.
/// 3. While it is far behind: *replay* the logs page by page, then follow again.
///
/// Each page is asked for when the one before it has been sent, and a session's commands wait while
/// its client does not read: so a slow client is sent pages as slowly as it reads, and nothing
/// piles up.
///
/// Threading: confined to one event loop.
final class Joining {
  private static final int REPLAY_PAGE = 256;

  private final Subscriber session;
  private final Subscription subscription;
  private final ClientFrame.Subscribe asked;
  private boolean acknowledged;

  /// Null until a snapshot has begun.
  private @Nullable Snapshot snapshot;

  /// How far each log has been told.
  private List<EventId> told = List.of();

  Joining(Subscriber session, Subscription subscription, ClientFrame.Subscribe asked) {
    this.session = session;
    this.subscription = subscription;
    this.asked = asked;
  }

  void begin() {
    List<EventId> recover = asked.recover();
    if (recover == null) {
      fromNow(null);
    } else if (recover.isEmpty()) {
      fromNow(false);
    } else {
      told = recover;
      follow();
    }
  }

  // From now on.

  /// @param recovered as in [ServerFrames#subscribed]
  private void fromNow(@Nullable Boolean recovered) {
    ask(
        step -> new Command.Follow(step, subscription.wish().interest(), List.of()),
        outcome -> {
          switch (outcome) {
            case Outcome.Following(var missed, var position) -> begun(position, recovered);
            case Outcome.Lost lost -> lost(lost);
            case Outcome.Refused refused -> refused(refused);
            case Outcome _ -> throw DoorReply.unexpected(outcome);
          }
        });
  }

  private void begun(List<EventId> position, @Nullable Boolean recovered) {
    acknowledge(position, recovered);
    if (asked.snapshot()) {
      told = position;
      position.forEach(session.loop().fanOut().seen()::advance);
      snapshot = new Snapshot();
      scan(null);
    } else {
      session.live(subscription);
    }
  }

  private void acknowledge(List<EventId> position, @Nullable Boolean recovered) {
    if (!acknowledged) {
      acknowledged = true;
      session.joined(subscription, position, recovered);
    }
  }

  // A snapshot.

  private void scan(@Nullable String after) {
    Snapshot pages = snapshot();
    Positions before = session.loop().fanOut().seen().copy();
    long nowMs = session.loop().shared().clock().millis();
    String collection = String.valueOf(subscription.wish().topic().collection());
    ask(
        step -> new Command.Scan(step, collection, after, Snapshot.PAGE_MAX),
        outcome -> {
          switch (outcome) {
            case Outcome.Scanned(var documents, String next) -> {
              pages.add(documents, next, before, nowMs);
              documents.forEach(this::show);
              if (next == null) {
                follow();
              } else {
                scan(next);
              }
            }
            case Outcome.Refused refused -> refused(refused);
            case Outcome _ -> throw DoorReply.unexpected(outcome);
          }
        });
  }

  private Snapshot snapshot() {
    Snapshot begun = snapshot;
    if (begun == null) {
      throw new IllegalStateException("no snapshot was asked for");
    }
    return begun;
  }

  private void show(Listed listed) {
    Document document = listed.document();
    long nowMs = session.loop().shared().clock().millis();
    Wish wish = subscription.wish();
    if (document.isLive()
        && !document.isExpired(nowMs)
        && wish.filter().matches(Row.of(document, Operation.SNAPSHOT))) {
      var shape =
          new EventShape(
              session.transport(),
              Arrival.kind(wish, Operation.SNAPSHOT),
              wish.mode(),
              false,
              false);
      JsonOutput scratch = session.loop().output();
      session.socket().send(EventFrame.ofSnapshot(document, shape, subscription.ids(), scratch));
    }
  }

  // From somewhere on.

  private void follow() {
    ask(
        step -> new Command.Follow(step, subscription.wish().interest(), told),
        outcome -> {
          switch (outcome) {
            case Outcome.Following(var missed, var position) -> {
              acknowledge(position, true);
              missed.forEach(this::tell);
              session.live(subscription);
            }
            case Outcome.Behind _ -> replay(0);
            case Outcome.Lost lost -> lost(lost);
            case Outcome.Refused refused -> refused(refused);
            case Outcome _ -> throw DoorReply.unexpected(outcome);
          }
        });
  }

  /// Goes through one log after the other, up to its head; then they can be followed.
  private void replay(int log) {
    if (log == told.size()) {
      follow();
      return;
    }
    ask(
        step ->
            new Command.Replay(step, subscription.wish().interest(), told.get(log), REPLAY_PAGE),
        outcome -> {
          switch (outcome) {
            case Outcome.Replayed(var changes, EventId upTo, boolean atHead) -> {
              acknowledge(told, true);
              changes.forEach(this::tell);
              told = replaced(told, log, upTo);
              replay(atHead ? log + 1 : log);
            }
            case Outcome.Lost lost -> lost(lost);
            case Outcome.Refused refused -> refused(refused);
            case Outcome _ -> throw DoorReply.unexpected(outcome);
          }
        });
  }

  private static List<EventId> replaced(List<EventId> ids, int place, EventId id) {
    var replaced = new ArrayList<>(ids);
    replaced.set(place, id);
    return List.copyOf(replaced);
  }

  private void tell(Change change) {
    Wish wish = subscription.wish();
    Snapshot shown = snapshot;
    if (shown != null && shown.contains(change)) {
      return;
    }
    Transition transition = Transition.of(wish.filter(), change);
    if (Arrival.isMet(wish, change, transition)) {
      var shape =
          new EventShape(
              session.transport(),
              Arrival.kind(wish, change.operation()),
              wish.mode(),
              Arrival.leaves(wish, change, transition),
              ChangeText.reveals(change));
      JsonOutput scratch = session.loop().output();
      session
          .socket()
          .send(new ChangeEvents(change).frame(shape, subscription.ids(), null, scratch));
    }
  }

  // What can go wrong.

  /// Before the acknowledgement the subscriber is told that there is a gap; behind it, it has to
  /// subscribe anew to learn how large.
  private void lost(Outcome.Lost lost) {
    if (acknowledged) {
      session.failed(subscription, Problem.of(lost.code(), lost.message()));
    } else {
      fromNow(false);
    }
  }

  private void refused(Outcome.Refused refused) {
    session.failed(subscription, Problem.of(refused.code(), refused.message()));
  }

  // Asking.

  private interface Question {
    Command of(Step step);
  }

  private void ask(Question question, Consumer<Outcome> then) {
    var step = new Step(then);
    session.submit(question.of(step), step);
    session.loop().wakeEngine();
  }

  private final class Step extends DoorReply {
    private final Consumer<Outcome> then;

    Step(Consumer<Outcome> then) {
      super(session, 0);
      this.then = then;
    }

    @Override
    protected void answer(Outcome outcome) {
      if (!subscription.isOver()) {
        then.accept(outcome);
      }
    }
  }
}
