// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.messaging;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.ListenSignal;
import io.freshet.engine.feed.ListenTopic;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Asking;
import io.freshet.engine.listen.ListenOptions;
import io.freshet.engine.listen.Listening;
import io.freshet.engine.listen.Timers;
import io.freshet.protocol.DocumentKey;
import io.freshet.spi.Bus;
import io.freshet.spi.BusMessage;
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
      case Command.Provide _,
          Command.Unprovide _,
          Command.Call _,
          Command.CallAnswer _,
          Command.WatchPresence _,
          Command.UnwatchPresence _,
          Command.QueryPresence _,
          Command.Join _ ->
          throw new IllegalStateException("not yet");
      case Command.Leave(Session session) -> leave(session);
    }
  }

  private void leave(Session session) {
    listens.leave(session);
    events.leave(session);
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
        case BusMessage.OfCall _ -> throw new IllegalStateException("not yet");
      }
    }

    @Override
    public void onRoster(String node, Bus.Roster roster, String name, boolean present) {
      throw new IllegalStateException("not yet");
    }

    @Override
    public void onNodeGone(String node) {}
  }

  /// Subscribers of events are not told whether somebody provides them.
  private record EventSignals(Outbox outbox) implements Listening.Signals {
    @Override
    public void toListener(Session session, ListenSignal signal) {
      outbox.add(session.outlet(), new FeedItem.ToListener(session, ListenTopic.EVENT, signal));
    }

    @Override
    public void providerChanged(DocumentKey key, boolean hasProvider) {}
  }
}
