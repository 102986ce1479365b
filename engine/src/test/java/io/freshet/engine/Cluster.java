// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.ProviderAnswer;
import io.freshet.engine.feed.CallOffer;
import io.freshet.engine.feed.CallSignal;
import io.freshet.engine.feed.Emission;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.ListenSignal;
import io.freshet.engine.feed.ListenTopic;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Outcome.PerName;
import io.freshet.engine.feed.Outlet;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.Principal;
import io.freshet.engine.listen.VirtualTimers;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.spi.Bus;
import io.freshet.testkit.FaultyStore;
import io.freshet.testkit.MemoryBus;
import io.freshet.testkit.MemoryStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Real engines on one [MemoryBus]; turns, deliveries and timers happen when the test says so.
final class Cluster {
  final MemoryBus bus = new MemoryBus();
  final VirtualTimers timers = new VirtualTimers();
  final FaultyStore store = new FaultyStore(new MemoryStore(InstantSource.system()));
  final Map<String, Node> nodes = new LinkedHashMap<>();

  Node node(String name) {
    return node(name, Guard.OPEN, EngineOptions.DEFAULT, new Random(1));
  }

  Node node(String name, Guard guard, EngineOptions options, RandomGenerator random) {
    var node = new Node(bus.join(name), guard, options, random);
    nodes.put(name, node);
    return node;
  }

  /// Lets everything happen that can without time passing.
  void settle() {
    do {
      nodes.values().forEach(Node::turn);
      bus.pump();
    } while (nodes.values().stream().anyMatch(node -> node.engine.hasWork()) || timers.turn());
  }

  void pass(Duration time) {
    settle();
    timers.pass(time);
    settle();
  }

  void crash(Node node) {
    nodes.remove(node.name);
    bus.crash(node.name);
  }

  final class Node {
    final String name;
    final Engine engine;
    final Loop loop = new Loop();
    private final ArrayDeque<Runnable> commits = new ArrayDeque<>();

    Node(Bus bus, Guard guard, EngineOptions options, RandomGenerator random) {
      name = bus.node();
      engine =
          new Engine(
              new Engine.Surroundings(
                  store,
                  bus,
                  guard,
                  InstantSource.system(),
                  () -> 0,
                  commits::add,
                  Runnable::run,
                  timers,
                  random,
                  () -> {},
                  EngineMeter.NONE),
              options.withExpiry(ExpiryOptions.NEVER));
    }

    void turn() {
      while (engine.turn() > 0 || !commits.isEmpty()) {
        for (Runnable commit = commits.poll(); commit != null; commit = commits.poll()) {
          commit.run();
        }
      }
    }

    Client client(String user) {
      return client(user, loop);
    }

    Client client(String user, Loop at) {
      return new Client(this, at, user);
    }
  }

  /// An event loop with a small door: it knows which of its sessions subscribe to what, as the
  /// answers say.
  static final class Loop implements Outlet {
    final List<FeedItem> items = new ArrayList<>();
    final List<FeedItem.PresenceChanged> presence = new ArrayList<>();
    final Set<Client> clients = new HashSet<>();

    @Override
    public void deliver(List<FeedItem> delivered) {
      for (FeedItem item : delivered) {
        items.add(item);
        switch (item) {
          case FeedItem.Answer(ReplyTo replyTo, Outcome outcome) -> replyTo.reply(outcome);
          case FeedItem.Events(List<Emission> emissions) -> emissions.forEach(this::emit);
          case FeedItem.ToProvider(Session to, CallOffer offer) -> client(to).offers.add(offer);
          case FeedItem.ToCaller(Session to, String name, String id, CallSignal signal) ->
              client(to).signals.computeIfAbsent(id, i -> new ArrayList<>()).add(signal);
          case FeedItem.ToListener(Session to, ListenTopic topic, ListenSignal signal) ->
              client(to).listening.add(topic + " " + signal.kind() + " " + signal.name());
          case FeedItem.PresenceChanged changed -> presence.add(changed);
          case FeedItem.Changes _,
              FeedItem.Refreshed _,
              FeedItem.ProviderChanged _,
              FeedItem.NoMore _,
              FeedItem.RulesChanged _ -> {}
        }
      }
    }

    private static Client client(Session session) {
      return (Client) session;
    }

    private void emit(Emission emission) {
      for (Client client : clients) {
        if (client != emission.emitter() && client.subscribed.contains(emission.name())) {
          JsonValue data = emission.data();
          client.events.add(emission.name() + "=" + (data == null ? "" : Json.text(data)));
        }
      }
    }

    List<FeedItem> take() {
      var taken = List.copyOf(items);
      items.clear();
      return taken;
    }
  }

  /// A client, and all it was told.
  static final class Client implements Session {
    final Node node;
    final Principal principal;
    final Set<String> subscribed = new HashSet<>();
    final List<String> events = new ArrayList<>();
    final List<CallOffer> offers = new ArrayList<>();
    final Map<String, List<CallSignal>> signals = new LinkedHashMap<>();
    final List<String> listening = new ArrayList<>();
    private final Loop loop;

    Client(Node node, Loop loop, String user) {
      this.node = node;
      this.loop = loop;
      this.principal = new Principal(user, JsonObject.empty(), Json.parse("{\"of\":1}"));
      loop.clients.add(this);
    }

    @Override
    public Principal principal() {
      return principal;
    }

    @Override
    public Outlet outlet() {
      return loop;
    }

    @Override
    public String toString() {
      return principal.id() + "@" + node.name;
    }

    void submit(Command command) {
      if (!node.engine.submit(command)) {
        throw new AssertionError("inbox full");
      }
    }

    Reply subscribe(String... names) {
      var reply =
          new Reply(this) {
            @Override
            void answered(Outcome outcome) {
              List<Outcome.OfName> results = ((PerName) outcome).results();
              for (int i = 0; i < names.length; i++) {
                if (results.get(i) instanceof Outcome.Plain) {
                  subscribed.add(names[i]);
                }
              }
            }
          };
      submit(new Command.Subscribe(reply, List.of(names)));
      return reply;
    }

    Reply unsubscribe(String... names) {
      var reply =
          new Reply(this) {
            @Override
            void answered(Outcome outcome) {
              subscribed.removeAll(List.of(names));
            }
          };
      subscribed.removeAll(List.of(names));
      submit(new Command.Unsubscribe(reply, List.of(names)));
      return reply;
    }

    Reply emit(String name, @Nullable String json) {
      var reply = new Reply(this);
      submit(new Command.Emit(reply, name, json == null ? null : Json.parse(json)));
      return reply;
    }

    Reply listen(ListenTopic topic, String pattern) {
      var reply = new Reply(this);
      submit(new Command.Listen(reply, topic, pattern));
      return reply;
    }

    Reply provide(String... names) {
      var reply = new Reply(this);
      submit(new Command.Provide(reply, List.of(names)));
      return reply;
    }

    Reply unprovide(String... names) {
      var reply = new Reply(this);
      submit(new Command.Unprovide(reply, List.of(names)));
      return reply;
    }

    Reply call(String name, String id, @Nullable String json) {
      var reply = new Reply(this);
      submit(new Command.Call(reply, name, id, json == null ? null : Json.parse(json)));
      return reply;
    }

    Reply answer(String name, String id, ProviderAnswer answer) {
      var reply = new Reply(this);
      submit(new Command.CallAnswer(reply, name, id, answer));
      return reply;
    }

    Reply watchPresence(String... users) {
      var reply = new Reply(this);
      submit(new Command.WatchPresence(reply, List.of(users)));
      return reply;
    }

    Reply unwatchPresence(String... users) {
      var reply = new Reply(this);
      submit(new Command.UnwatchPresence(reply, List.of(users)));
      return reply;
    }

    Reply queryPresence(String... users) {
      var reply = new Reply(this);
      submit(new Command.QueryPresence(reply, List.of(users)));
      return reply;
    }

    Client join() {
      submit(new Command.Join(this));
      return this;
    }

    void leave() {
      subscribed.clear();
      submit(new Command.Leave(this));
    }

    /// What became of its call so far.
    List<CallSignal> signals(String id) {
      return signals.getOrDefault(id, List.of());
    }
  }

  /// What a command was answered, once it was.
  static class Reply implements ReplyTo {
    private final Session session;
    private final List<Outcome> outcomes = new ArrayList<>();

    Reply(Session session) {
      this.session = session;
    }

    @Override
    public Session session() {
      return session;
    }

    @Override
    public final void reply(Outcome outcome) {
      outcomes.add(outcome);
      answered(outcome);
    }

    void answered(Outcome outcome) {}

    boolean isOpen() {
      return outcomes.isEmpty();
    }

    Outcome outcome() {
      if (outcomes.size() != 1) {
        throw new AssertionError("answered " + outcomes.size() + " times: " + outcomes);
      }
      return outcomes.getFirst();
    }

    /// One letter per name: `+` changed, `=` unchanged, else the refusal's code.
    String perName() {
      var all = new ArrayList<String>();
      for (Outcome.OfName each : ((PerName) outcome()).results()) {
        all.add(
            switch (each) {
              case Outcome.Plain plain -> plain == Outcome.Plain.CHANGED ? "+" : "=";
              case Outcome.Refused refused -> refused.code().name();
            });
      }
      return String.join(" ", all);
    }

    Outcome.Refused refused() {
      if (outcome() instanceof Outcome.Refused refused) {
        return refused;
      }
      throw new AssertionError("answered " + outcome());
    }
  }
}
