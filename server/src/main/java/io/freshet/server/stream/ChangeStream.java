// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.stream;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Publication;
import io.freshet.engine.feed.Seen;
import io.freshet.engine.feed.Sight;
import io.freshet.engine.stream.SnapshotReading;
import io.freshet.engine.stream.StreamFigures;
import io.freshet.engine.stream.StreamHolder;
import io.freshet.engine.stream.StreamTicket;
import io.freshet.protocol.Captured;
import io.freshet.protocol.Change;
import io.freshet.protocol.EventId;
import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.filter.Row;
import io.freshet.server.gate.DoorReply;
import io.freshet.server.gate.DoorSession;
import io.freshet.server.gate.Follows;
import io.freshet.spi.SnapshotProgress;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One change stream of one session:
///
/// ```
/// OPENING ──► CATCHING_UP ──► LIVE        pages of the log, then what the engine hands over
///                  ▲            │
///                  └────────────┘         the window is full, or the client does not read
/// ```
///
/// While it catches up it looks at the changes at hand, sends those that are for it as long as
/// there is room, and asks for more when all are looked at; it is live once it has looked at
/// everything that is published. Live, it is found by the hub's index: a change that is not for it
/// costs nothing. When there is no room it remembers where it was and catches up from there later,
/// so what waits for a slow client waits in the log.
///
/// Threading: confined to the session's event loop, except what [StreamHolder] says.
public final class ChangeStream implements StreamHolder {
  /// Changes at hand at a time.
  private static final int PAGE_MAX = 1024;

  private static final int RETRY_MS = 100;

  private final StreamHub hub;
  private final DoorSession session;
  private final Follows follows;
  private final StreamWish wish;
  private final StreamSink sink;
  private final @Nullable Window window;
  private State state = State.OPENING;

  /// Null until it is open.
  private @Nullable StreamTicket ticket;

  /// Whose rows it brings; null for none.
  private @Nullable SnapshotReading snapshot;

  /// The last change it has looked at; null only before the oldest one. While it is live it may be
  /// further: as far as the hub has seen its log.
  private @Nullable EventId considered;

  /// Everything up to here is done with.
  private @Nullable EventId acknowledged;

  /// The last event sent under its name, perhaps to an earlier connection.
  private @Nullable EventId highestSent;

  /// What of its place the engine knows.
  private @Nullable EventId moved;

  private List<Change> page = List.of();
  private int next;

  /// How far it will have looked when it is through with the page.
  private @Nullable EventId pageEnd;

  private boolean asking;

  /// So far behind that the log has to be read.
  private boolean far;

  private long captured;
  private long delivered;
  private long redelivered;
  private long dropped;

  /// What the hub had counted of its collection when it became live.
  private long countedBefore;

  private volatile StreamFigures figures = new StreamFigures(null, 0, 0, 0, 0, 0);
  private StreamLag told = StreamLag.NONE;

  private enum State {
    OPENING,
    CATCHING_UP,
    LIVE,
    OVER
  }

  ChangeStream(
      StreamHub hub, DoorSession session, Follows follows, StreamWish wish, StreamSink sink) {
    this.hub = hub;
    this.session = session;
    this.follows = follows;
    this.wish = wish;
    this.sink = sink;
    this.window = wish.isWindowed() ? new Window(wish.windowEvents(), wish.windowBytes()) : null;
  }

  /// Whether it sees that of a change.
  boolean sees(@Nullable Sight sight, Seen seen) {
    return sight == null || sight.of(session.principal()) == seen;
  }

  StreamWish wish() {
    return wish;
  }

  // Begin.

  void open() {
    ask(reply -> new Command.OpenStream(reply, wish.terms(), this), this::opened);
  }

  void opened(Outcome outcome) {
    switch (outcome) {
      case Outcome.StreamOpened opened when state == State.OVER -> giveBack(opened.ticket());
      case Outcome.StreamOpened opened -> begin(opened);
      case Outcome.Lost lost -> fail(lost.code(), lost.message());
      case Outcome.Refused refused -> fail(refused.code(), refused.message());
      case Outcome _ -> throw DoorReply.unexpected(outcome);
    }
  }

  private void giveBack(StreamTicket unwanted) {
    hub.submit(new Command.CloseStream(hub.nobody(), unwanted, null));
  }

  void begin(Outcome.StreamOpened opened) {
    ticket = opened.ticket();
    snapshot = opened.snapshot();
    considered = opened.after();
    acknowledged = opened.after();
    moved = opened.after();
    highestSent = opened.highestSent();
    far = opened.after() == null;
    state = State.CATCHING_UP;
    follows.add(wish.interest());
    hub.began(this);
    if (wish.mode() == StreamWish.Mode.STREAM) {
      sink.opened(opened.after(), opened.resumed());
    }
    goOn();
  }

  // Catching up.

  /// Does what can be done now: called when the client takes more.
  public void goOn() {
    if (state == State.CATCHING_UP && !asking && lookThrough() && hasRoom()) {
      askForMore();
    }
  }

  /// @return whether all changes at hand have been looked at
  private boolean lookThrough() {
    while (next < page.size()) {
      if (!hasRoom()) {
        return false;
      }
      look(page.get(next++));
      if (state != State.CATCHING_UP) {
        return false;
      }
    }
    if (pageEnd != null) {
      considered = pageEnd;
    }
    page = List.of();
    next = 0;
    return true;
  }

  private boolean hasRoom() {
    return (window == null || window.hasRoom()) && sink.hasRoom();
  }

  private void look(Change change) {
    captured++;
    considered = change.id();
    EventId done = acknowledged;
    boolean news = done == null || window == null || change.id().compareTo(done) > 0;
    if (news && shows(change) && wish.filter().matches(Row.of(change))) {
      sent(change.id(), sink.send(change));
    }
  }

  /// Whether streams are told of such a change, and this one of such a snapshot.
  private boolean shows(Change change) {
    Captured captured = change.captured();
    SnapshotReading reading = snapshot;
    return change.operation() != Operation.OPEN
        && (captured == null || !captured.hidden())
        && (!SnapshotReading.isRow(change) || reading != null && reading.shows(change));
  }

  private void sent(EventId id, int bytes) {
    if (bytes == StreamSink.NOT_SHOWN) {
      return;
    }
    delivered++;
    EventId highest = highestSent;
    if (highest != null && highest.tag() == id.tag() && highest.compareTo(id) >= 0) {
      redelivered++;
    } else {
      highestSent = id;
    }
    if (window != null) {
      window.add(id, bytes);
    }
  }

  private void askForMore() {
    EventId from = considered;
    if (wish.mode() == StreamWish.Mode.SUBSCRIBE) {
      // From its beginning on if that is at hand: its client may have been told that it is there.
      List<EventId> places = far || from == null ? List.of() : List.of(from);
      ask(reply -> new Command.Follow(reply, wish.interest(), places), this::followed);
    } else if (far || from == null) {
      ask(reply -> new Command.Replay(reply, wish.interest(), from, PAGE_MAX), this::replayed);
    } else {
      ask(reply -> new Command.Follow(reply, wish.interest(), List.of(from)), this::followed);
    }
  }

  private void replayed(Outcome outcome) {
    switch (outcome) {
      case Outcome.Replayed(var changes, EventId upTo, boolean atHead) -> {
        far = !atHead;
        take(changes, upTo);
        goOn();
      }
      case Outcome _ -> troubled(outcome);
    }
  }

  private void followed(Outcome outcome) {
    switch (outcome) {
      case Outcome.Following(var missed, var position) -> {
        boolean whole = missed.size() <= PAGE_MAX;
        List<Change> first = whole ? missed : List.copyOf(missed.subList(0, PAGE_MAX));
        take(first, whole ? headOfLog(position) : first.getLast().id());
        if (whole && lookThrough()) {
          live();
        } else {
          goOn();
        }
      }
      case Outcome.Behind _ -> {
        far = true;
        goOn();
      }
      case Outcome _ -> troubled(outcome);
    }
  }

  private void take(List<Change> changes, @Nullable EventId end) {
    page = changes;
    next = 0;
    pageEnd = end;
  }

  private @Nullable EventId headOfLog(List<EventId> position) {
    EventId place = considered;
    hub.advance(position);
    return place == null ? null : hub.seen(place);
  }

  private void troubled(Outcome outcome) {
    switch (outcome) {
      case Outcome.Lost lost -> fail(lost.code(), lost.message());
      case Outcome.Refused(ErrorCode code, String _) when code == ErrorCode.OVERLOADED ->
          hub.after(RETRY_MS, this::goOn);
      case Outcome.Refused(ErrorCode code, String message) -> fail(code, message);
      case Outcome _ -> throw DoorReply.unexpected(outcome);
    }
  }

  // Live.

  private void live() {
    state = State.LIVE;
    countedBefore = hub.enter(this);
    if (wish.mode() == StreamWish.Mode.SUBSCRIBE) {
      sink.opened(considered, false);
    }
  }

  /// Takes a change that is for it.
  ///
  /// @return whether it stays live
  boolean offer(Publication publication) {
    if (state != State.LIVE || !shows(publication.change())) {
      return true;
    }
    EventId id = publication.change().id();
    if (wish.mode() == StreamWish.Mode.SUBSCRIBE) {
      if (sink.hasRoom()) {
        sent(id, sink.send(publication));
      } else {
        dropped++;
      }
      return true;
    }
    EventId before = considered;
    if (before != null && before.tag() == id.tag() && before.compareTo(id) >= 0) {
      return true;
    }
    if (hasRoom()) {
      sent(id, sink.send(publication));
      return true;
    }
    captured += hub.counted(this) - countedBefore;
    considered = place(before);
    pageEnd = considered;
    state = State.CATCHING_UP;
    return false;
  }

  private @Nullable EventId place(@Nullable EventId known) {
    return known == null ? null : later(known, hub.seen(known));
  }

  // Acknowledgements.

  /// Everything up to this event is done with. What is older than what is known to be, was never
  /// sent, or is of another log, changes nothing.
  public void acknowledge(EventId id) {
    EventId highest = highestSent;
    EventId done = acknowledged;
    boolean known = highest != null && highest.tag() == id.tag() && id.compareTo(highest) <= 0;
    if (state == State.OVER || window == null || !known) {
      return;
    }
    if (done == null || done.tag() != id.tag() || id.compareTo(done) > 0) {
      acknowledged = id;
      window.acknowledge(id);
      goOn();
    }
  }

  private @Nullable EventId place() {
    if (window != null && !window.isEmpty()) {
      return acknowledged;
    }
    EventId place = state == State.LIVE ? place(considered) : considered;
    EventId done = acknowledged;
    return place == null || done == null ? place : later(place, done);
  }

  private static EventId later(EventId one, EventId other) {
    return one.tag() == other.tag() && other.compareTo(one) > 0 ? other : one;
  }

  /// Where its cursor is to be moved; null if it need not be.
  @Nullable EventId takeMove() {
    StreamTicket held = ticket;
    EventId place = place();
    EventId before = moved;
    if (held == null
        || held.name() == null
        || place == null
        || before != null && place.compareTo(before) <= 0) {
      return null;
    }
    moved = place;
    return place;
  }

  @Nullable StreamTicket ticket() {
    return ticket;
  }

  // What is known about it.

  /// Takes down how it goes.
  ///
  /// @return how many changes of its log it has not looked at
  long report(boolean tell) {
    EventId place = state == State.LIVE ? place(considered) : considered;
    EventId head = place == null ? null : hub.head(place);
    long lagEvents = 0;
    long lagMs = 0;
    if (place != null && head != null) {
      lagEvents = Math.max(0, head.offset() - place.offset());
      lagMs = Math.max(0, head.timeMs() - place.timeMs());
    }
    long all = captured + (state == State.LIVE ? hub.counted(this) - countedBefore : 0);
    StreamFigures before = figures;
    figures =
        new StreamFigures(
            place,
            delivered,
            redelivered,
            Math.max(0, all - delivered - dropped),
            dropped,
            window == null ? 0 : window.size());
    hub.meter()
        .counted(
            delivered - before.delivered() + figures.filtered() - before.filtered(),
            delivered - before.delivered(),
            redelivered - before.redelivered(),
            dropped - before.dropped());
    if (tell) {
      tell(new StreamLag(lagEvents, lagMs, dropped, snapshotProgress(lagEvents)));
    }
    return lagEvents;
  }

  /// The time alone is no news.
  private void tell(StreamLag lag) {
    boolean news =
        lag.events() != told.events()
            || lag.dropped() != told.dropped()
            || !Objects.equals(lag.snapshot(), told.snapshot());
    if (news) {
      told = lag;
      sink.lag(lag);
    }
  }

  /// It is done for the client when everything up to the log's end has been sent.
  private @Nullable SnapshotProgress snapshotProgress(long lagEvents) {
    SnapshotProgress progress = snapshot == null ? null : snapshot.progress().get();
    return progress == null
        ? told.snapshot()
        : new SnapshotProgress(
            progress.rows(), progress.estimate(), progress.done() && lagEvents == 0);
  }

  @Override
  public StreamFigures figures() {
    return figures;
  }

  @Override
  public String client() {
    return sink.client();
  }

  @Override
  public void askForSign() {
    hub.onLoop(() ->
        sink.askForSign(() -> {
          if (ticket != null && state != State.OVER) {
            hub.submit(new Command.StreamSign(ticket));
          }
        }));
  }

  @Override
  public void evicted() {
    hub.onLoop(() ->
        fail(
            ErrorCode.NAME_IN_USE,
            "Another client has taken over this name, because this one seemed to be gone"));
  }

  @Override
  public void over(ErrorCode code, String reason) {
    hub.onLoop(() -> fail(code, reason));
  }

  // The end.

  /// Ends it because its client wants that.
  public void stop() {
    StreamTicket held = ticket;
    if (state == State.OVER) {
      return;
    }
    end();
    if (held == null) {
      sink.stopped();
    } else {
      ask(reply -> new Command.CloseStream(reply, held, highestSent), _ -> sink.stopped());
    }
  }

  /// Ends it because its client is gone.
  public void leave() {
    StreamTicket held = ticket;
    if (state != State.OVER) {
      end();
      if (held != null) {
        hub.submit(new Command.CloseStream(hub.nobody(), held, highestSent));
      }
    }
  }

  private void fail(ErrorCode code, String message) {
    if (state != State.OVER) {
      leave();
      sink.failed(code, message);
    }
  }

  private void end() {
    boolean begun = ticket != null;
    hub.ended(this, state == State.LIVE);
    state = State.OVER;
    page = List.of();
    if (begun && follows.remove(wish.interest())) {
      hub.submit(new Command.Unfollow(session, wish.interest()));
    }
  }

  /// Something went wrong here: its client has to begin anew.
  void disconnect() {
    session.socket().close();
  }

  public boolean isOver() {
    return state == State.OVER;
  }

  // Asking.

  private void ask(Function<DoorReply, Command> command, Consumer<Outcome> then) {
    asking = true;
    var step = new Step(then);
    session.submit(command.apply(step), step);
    hub.wakeEngine();
  }

  private final class Step extends DoorReply {
    private final Consumer<Outcome> then;

    Step(Consumer<Outcome> then) {
      super(session, 0);
      this.then = then;
    }

    @Override
    protected void answer(Outcome outcome) {
      asking = false;
      boolean wanted =
          switch (outcome) {
            case Outcome.StreamOpened _, Outcome.Done _ -> true;
            case Outcome _ -> state != State.OVER;
          };
      if (wanted) {
        then.accept(outcome);
      }
    }
  }
}
