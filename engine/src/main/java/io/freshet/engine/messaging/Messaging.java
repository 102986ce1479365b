// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.messaging;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Ended;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.ListenSignal;
import io.freshet.engine.feed.ListenTopic;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Asking;
import io.freshet.engine.guard.Standing;
import io.freshet.engine.guard.Standings;
import io.freshet.engine.listen.ListenOptions;
import io.freshet.engine.listen.Listening;
import io.freshet.engine.listen.Timers;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.spi.Bus;
import io.freshet.spi.BusMessage;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// Everything sessions tell each other that no document is concerned with: events, remote procedure
/// calls, presence, and who listens for names.
///
/// Threading: the engine's thread only.
public final class Messaging {
  private final Gate gate;
  private final Events events;
  private final Listens listens;
  private final Rosters rosters = new Rosters();
  private final Calls calls;
  private final Offers offers;
  private final Presence presence;
  private final Arrivals arrivals;

  /// What it is given instead of making it itself.
  ///
  /// @param timers run their tasks on the engine's thread
  /// @param records who provides which record
  /// @param onEngineThread runs a task in a later turn; called from any thread
  public record Surroundings(
      Bus bus,
      Asking asking,
      Outbox outbox,
      Timers timers,
      RandomGenerator random,
      Listening records,
      Consumer<Runnable> onEngineThread) {}

  /// @param eventsMax most events of other nodes that may wait for the engine
  public Messaging(
      Surroundings given, ListenOptions listenOptions, RpcOptions rpcOptions, int eventsMax) {
    Bus bus = given.bus();
    Outbox outbox = given.outbox();
    this.gate = new Gate(given.asking(), outbox, this::handle);
    var providers =
        new Listening(new EventSignals(outbox), given.timers(), listenOptions, given.random());
    this.events = new Events(gate, bus, outbox, providers);
    this.listens = new Listens(gate, outbox, given.records(), providers);
    this.calls = new Calls(gate, bus, outbox, given.timers(), given.random(), rpcOptions, rosters);
    this.offers = new Offers(gate, bus, outbox, given.random());
    this.presence = new Presence(gate, bus, outbox, rosters);
    this.arrivals = new Arrivals(bus.node(), new Arrived(), given.onEngineThread(), eventsMax);
    bus.attach(arrivals);
  }

  public void handle(Command.OfMessaging command) {
    if (gate.holdsBack(command)) {
      return;
    }
    switch (command) {
      case Command.Listen listen -> listens.listen(listen);
      case Command.Unlisten unlisten -> listens.unlisten(unlisten);
      case Command.ListenAnswer answer -> listens.answer(answer);
      case Command.Subscribe subscribe -> events.subscribe(subscribe);
      case Command.Unsubscribe unsubscribe -> events.unsubscribe(unsubscribe);
      case Command.Emit emit -> events.emit(emit);
      case Command.Provide provide -> offers.provide(provide);
      case Command.Unprovide unprovide -> offers.unprovide(unprovide);
      case Command.Call call -> calls.call(call);
      case Command.CallAnswer answer -> offers.answer(answer);
      case Command.WatchPresence watch -> presence.watch(watch);
      case Command.UnwatchPresence unwatch -> presence.unwatch(unwatch);
      case Command.QueryPresence query -> presence.query(query);
      case Command.Join(Session session) -> presence.join(session);
      case Command.Leave(Session session) -> leave(session);
    }
  }

  /// Its own calls end before the others' are given to other providers.
  private void leave(Session session) {
    calls.leave(session);
    offers.leave(session);
    listens.leave(session);
    events.leave(session);
    presence.leave(session);
  }

  /// Everything that is subscribed to, listened to, provided and told.
  public Iterator<Standing> standings() {
    return Standings.all(
        List.of(events.standings(), listens.standings(), offers.standings(), presence.standings()));
  }

  /// How much is held, for metrics and tests; from any thread, roughly.
  ///
  /// @param eventNames events with subscribers on this node
  /// @param procedures provided on this node
  /// @param calls under way of this node's sessions
  /// @param offers calls that are with providers of this node
  /// @param connections of this node that count as presence
  /// @param users there on any node
  /// @param heldBack sessions with a command that waits for documents
  public record Held(
      int eventNames,
      int procedures,
      int calls,
      int offers,
      int connections,
      int users,
      int heldBack) {}

  public Held held() {
    return new Held(
        events.names(),
        offers.procedures(),
        calls.size(),
        offers.size(),
        presence.connections(),
        rosters.names(Bus.Roster.USERS).size(),
        gate.sessionsHeldBack());
  }

  /// Whether nothing is kept of any session of this node; on the engine's thread.
  public boolean isEmpty() {
    return events.isEmpty()
        && calls.isEmpty()
        && offers.isEmpty()
        && presence.isEmpty()
        && gate.sessionsHeldBack() == 0;
  }

  /// Events of other nodes that were dropped because the engine was behind; any thread.
  public long eventsDropped() {
    return arrivals.eventsDropped();
  }

  /// What has come, on the engine's thread.
  private final class Arrived implements Bus.Receiver {
    @Override
    public void onMessage(String from, BusMessage message) {
      switch (message) {
        case BusMessage.Event event -> events.arrived(event, arrivals.isOwn(from));
        case BusMessage.Request request -> offers.request(from, request);
        case BusMessage.Abandoned abandoned -> offers.abandoned(from, abandoned);
        case BusMessage.Offered offered -> calls.offered(from, offered);
        case BusMessage.Accepted accepted -> calls.accepted(from, accepted);
        case BusMessage.Responded responded -> calls.responded(from, responded);
        case BusMessage.Failed failed -> calls.failed(from, failed);
        case BusMessage.Exhausted exhausted -> calls.exhausted(from, exhausted);
        case BusMessage.Lost lost -> calls.lost(from, lost);
      }
    }

    @Override
    public void onRoster(String node, Bus.Roster roster, String name, boolean present) {
      boolean turned =
          present ? rosters.add(roster, node, name) : rosters.remove(roster, node, name);
      if (turned && roster == Bus.Roster.USERS) {
        presence.changed(name, present);
      }
    }

    @Override
    public void onNodeGone(String node) {
      calls.nodeGone(node);
      offers.nodeGone(node);
    }
  }

  /// Subscribers of events are not told whether somebody provides them.
  private record EventSignals(Outbox outbox) implements Listening.Signals {
    @Override
    public void noMore(Session session, String pattern, ErrorCode code, String message) {
      var what = new Ended.Listening(ListenTopic.EVENT, pattern);
      outbox.add(session.outlet(), new FeedItem.NoMore(session, what, code, message));
    }

    @Override
    public void toListener(Session session, ListenSignal signal) {
      outbox.add(session.outlet(), new FeedItem.ToListener(session, ListenTopic.EVENT, signal));
    }

    @Override
    public void providerChanged(DocumentKey key, boolean hasProvider) {}
  }
}
