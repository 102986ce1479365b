// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.stream;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Outlet;
import io.freshet.engine.feed.Publication;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.feed.Seen;
import io.freshet.engine.feed.Session;
import io.freshet.engine.feed.Sight;
import io.freshet.engine.guard.Face;
import io.freshet.engine.guard.Principal;
import io.freshet.engine.stream.CursorMove;
import io.freshet.protocol.Change;
import io.freshet.protocol.EventId;
import io.freshet.protocol.Operation;
import io.freshet.protocol.filter.FilterIndex;
import io.freshet.protocol.filter.Row;
import io.freshet.protocol.json.JsonObject;
import io.freshet.server.gate.DoorLoop;
import io.freshet.server.gate.DoorSession;
import io.freshet.server.gate.Follows;
import io.freshet.server.gate.Positions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The change streams of one event loop of a door. Live ones are found by their filters: what a
/// change costs depends on how many streams it is for, not on how many there are.
///
/// Four times a second it tells the engine how far cursors have come, all in one command. The
/// answer says how far the logs are; as it comes behind everything published before, a live stream
/// that has nothing in flight is as far without having looked at anything.
///
/// Threading: confined to the event loop.
public final class StreamHub {
  private static final Logger log = LoggerFactory.getLogger(StreamHub.class);
  private static final List<Seen> SHOWN = List.of(Seen.WHOLE, Seen.ENTERING, Seen.LEAVING);
  private static final int TICK_MS = 250;

  /// Every so many ticks the lag is told.
  private static final int TICKS_PER_REPORT = 4;

  private final DoorLoop loop;
  private final StreamMeter meter;
  private final Map<String, Place> places = new HashMap<>();
  private final Set<ChangeStream> streams = new LinkedHashSet<>();
  private final List<ChangeStream> leavers = new ArrayList<>();

  /// How far the logs have been handed over here.
  private final Positions seen = new Positions();

  private boolean ticking;
  private boolean asking;
  private int ticks;

  /// The live streams of one collection.
  private static final class Place {
    private final FilterIndex<ChangeStream> index = new FilterIndex<>();
    private int live;
    private long changes;
  }

  public StreamHub(DoorLoop loop, StreamMeter meter) {
    this.loop = loop;
    this.meter = meter;
  }

  // Streams come and go.

  /// Begins a stream that is not open yet.
  ///
  /// @param follows what the session's streams and subscriptions follow
  public ChangeStream open(DoorSession session, Follows follows, StreamWish wish, StreamSink sink) {
    var stream = new ChangeStream(this, session, follows, wish, sink);
    stream.open();
    return stream;
  }

  /// Goes on with a stream that was opened before there was a session. The engine's questions to
  /// its holder are to be passed on to it.
  public ChangeStream begin(
      DoorSession session,
      Follows follows,
      StreamWish wish,
      StreamSink sink,
      Outcome.StreamOpened opened) {
    var stream = new ChangeStream(this, session, follows, wish, sink);
    stream.begin(opened);
    return stream;
  }

  void began(ChangeStream stream) {
    streams.add(stream);
    meter.open(1);
    scheduleTick();
  }

  void ended(ChangeStream stream, boolean live) {
    if (!streams.contains(stream)) {
      return;
    }
    report(stream, false);
    moveCursors(List.of(stream));
    streams.remove(stream);
    meter.open(-1);
    if (live) {
      exit(stream);
    }
  }

  /// The stream is live.
  ///
  /// @return changes of its collection counted so far
  long enter(ChangeStream stream) {
    Place place = places.computeIfAbsent(stream.wish().terms().collection(), each -> new Place());
    place.index.add(stream.wish().filter(), stream);
    place.live++;
    return place.changes;
  }

  /// Changes of a live stream's collection counted so far.
  long counted(ChangeStream stream) {
    Place place = places.get(stream.wish().terms().collection());
    return place == null ? 0 : place.changes;
  }

  private void exit(ChangeStream stream) {
    String collection = stream.wish().terms().collection();
    Place place = places.get(collection);
    if (place != null && place.index.remove(stream.wish().filter(), stream)) {
      place.live--;
      if (place.live == 0) {
        places.remove(collection);
      }
    }
  }

  // Changes.

  /// Takes the changes of one commit batch, in log order.
  public void changes(List<Publication> publications) {
    for (int i = 0; i < publications.size(); i++) {
      Publication publication = publications.get(i);
      Change change = publication.change();
      Place place = places.get(change.key().collection());
      if (place != null && change.operation() != Operation.OPEN) {
        place.changes++;
        match(place, publication);
      }
      seen.advance(change.id());
    }
    for (int i = 0; i < leavers.size(); i++) {
      exit(leavers.get(i));
    }
    leavers.clear();
  }

  /// Each stream as it sees the change.
  private void match(Place place, Publication publication) {
    Sight sight = publication.sight(Face.STREAMS);
    if (sight == null) {
      place.index.match(Row.of(publication.change()), stream -> offer(stream, publication));
      return;
    }
    for (Seen seen : SHOWN) {
      Publication shown = sight.has(seen) ? publication.as(Face.STREAMS, seen) : null;
      if (shown != null) {
        place.index.match(
            Row.of(shown.change()),
            stream -> {
              if (stream.sees(sight, seen)) {
                offer(stream, shown);
              }
            });
      }
    }
  }

  /// A stream that cannot be told of a change would have a gap: its client starts over.
  private void offer(ChangeStream stream, Publication publication) {
    try {
      if (!stream.offer(publication)) {
        leavers.add(stream);
      }
    } catch (RuntimeException | OutOfMemoryError failure) {
      log.error("a change could not be sent; its stream is disconnected", failure);
      stream.disconnect();
    }
  }

  /// How far the log of a place has been handed over here; the place itself if that is not known.
  EventId seen(EventId place) {
    EventId known = seen.find(place);
    return known == null ? place : known;
  }

  /// The head of the log of a place, as far as known.
  EventId head(EventId place) {
    return seen(place);
  }

  /// Everything up to here has been handed over.
  void advance(List<EventId> position) {
    position.forEach(seen::advance);
  }

  // Time.

  private void scheduleTick() {
    if (!ticking && !streams.isEmpty()) {
      ticking = true;
      loop.after(
          TICK_MS,
          () -> {
            ticking = false;
            tick();
            scheduleTick();
          });
    }
  }

  private void tick() {
    boolean reportDue = ++ticks % TICKS_PER_REPORT == 0;
    if (!asking) {
      List<CursorMove> moves = moves(streams);
      if (reportDue || !moves.isEmpty()) {
        asking = true;
        submit(new Command.MoveCursors(new Ticking(), moves));
      }
    }
    if (reportDue) {
      long furthest = 0;
      for (ChangeStream each : List.copyOf(streams)) {
        furthest = Math.max(furthest, report(each, true));
      }
      meter.lag(furthest, 0);
    }
  }

  private static long report(ChangeStream stream, boolean tell) {
    return stream.report(tell);
  }

  private static List<CursorMove> moves(Iterable<ChangeStream> streams) {
    var moves = new ArrayList<CursorMove>();
    for (ChangeStream each : streams) {
      EventId place = each.takeMove();
      if (place != null && each.ticket() != null) {
        moves.add(new CursorMove(each.ticket(), place));
      }
    }
    return moves;
  }

  private void moveCursors(List<ChangeStream> some) {
    List<CursorMove> moves = moves(some);
    if (!moves.isEmpty()) {
      submit(new Command.MoveCursors(nobody(), moves));
    }
  }

  // To the engine.

  void submit(Command command) {
    loop.submitSurely(command);
  }

  void wakeEngine() {
    loop.wakeEngine();
  }

  void after(int delayMs, Runnable task) {
    loop.after(delayMs, task);
  }

  void onLoop(Runnable task) {
    loop.run(task);
  }

  StreamMeter meter() {
    return meter;
  }

  /// Takes answers that nobody waits for.
  ReplyTo nobody() {
    return new Own();
  }

  /// What this loop asks for itself.
  private class Own implements Session, ReplyTo {
    private static final Principal FRESHET = new Principal("freshet", JsonObject.empty(), null);

    @Override
    public Principal principal() {
      return FRESHET;
    }

    @Override
    public Outlet outlet() {
      return loop;
    }

    @Override
    public Session session() {
      return this;
    }

    @Override
    public void reply(Outcome outcome) {}
  }

  private final class Ticking extends Own {
    @Override
    public void reply(Outcome outcome) {
      asking = false;
      if (outcome instanceof Outcome.Heads(List<EventId> position)) {
        advance(position);
      }
    }
  }
}
