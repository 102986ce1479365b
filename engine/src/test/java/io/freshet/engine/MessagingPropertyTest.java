// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.command.ProviderAnswer;
import io.freshet.engine.feed.CallOffer;
import io.freshet.engine.feed.CallSignal;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.guard.Guard;
import io.freshet.protocol.json.JsonString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Random histories over two nodes against a simple model. Several commands are on their way at a
/// time, so the model says what must hold whichever comes first:
///
/// - who subscribed all the time received each event of the others exactly once, those of one
///   emitter in order; who never did, none;
/// - the user lists of both nodes are the users with a connection, and what watchers are told adds
///   up to them;
/// - a call ends exactly once, with an answer only if its provider gave that answer;
/// - when everybody has left, nothing is kept anywhere.
class MessagingPropertyTest {
  private static final List<String> NAMES = List.of("news", "weather", "x/y");
  private static final List<String> USERS = List.of("ada", "bob", "eve");
  private static final int ROUNDS = 400;

  private final Cluster cluster = new Cluster();
  private final List<Cluster.Node> nodes = new ArrayList<>();
  private final List<Cluster.Client> clients = new ArrayList<>();

  /// Connections that joined.
  private final Set<Cluster.Client> joined = new HashSet<>();

  /// The caller of each call, by correlation id, while it has not left.
  private final Map<String, Cluster.Client> callers = new HashMap<>();

  private final Map<String, Set<String>> answersGiven = new HashMap<>();

  /// Who stood under which names before and after the commands of a round.
  private final Map<Cluster.Client, Set<String>> throughout = new HashMap<>();

  private final Map<Cluster.Client, Set<String>> sometime = new HashMap<>();
  private final Map<Cluster.Client, List<Emitted>> emitted = new HashMap<>();
  private final Map<Cluster.Node, Set<String>> told = new HashMap<>();

  /// On each node one client that is always there, watches everybody and is nobody.
  private final Map<Cluster.Node, Cluster.Client> watchers = new HashMap<>();

  private SplittableRandom random = new SplittableRandom(0);
  private int number;

  private record Emitted(String text, String name, Cluster.Reply reply) {}

  @ParameterizedTest
  @MethodSource("io.freshet.testkit.Seeds#all")
  void everyHistoryKeepsTheRules(long seed) {
    random = new SplittableRandom(seed);
    for (String name : List.of("a", "b")) {
      var node = cluster.node(name, Guard.OPEN, EngineOptions.DEFAULT, random.split());
      var watcher = node.client("watcher");
      watcher.watchPresence();
      watchers.put(node, watcher);
      nodes.add(node);
      told.put(node, new TreeSet<>());
    }
    cluster.settle();
    for (int round = 0; round < ROUNDS; round++) {
      round();
      checkEvents();
      checkPresence();
      checkCalls(false);
    }
    assertTrue(number > ROUNDS, "hardly anything happened");
    end();
  }

  private void round() {
    begin();
    int commands = 1 + random.nextInt(12);
    for (int i = 0; i < commands; i++) {
      command();
      switch (random.nextInt(6)) {
        case 0 -> nodes.get(random.nextInt(2)).turn();
        case 1 -> cluster.bus.pumpOne();
        case 2 -> cluster.bus.refuse(random.nextBoolean() ? "a" : "b", random.nextInt(3) == 0);
        default -> {}
      }
    }
    cluster.bus.refuse("a", false);
    cluster.bus.refuse("b", false);
    cluster.settle();
    if (random.nextInt(4) == 0) {
      cluster.pass(Duration.ofMillis(random.nextInt(4000)));
    }
  }

  private void begin() {
    throughout.clear();
    sometime.clear();
    emitted.clear();
    for (Cluster.Client client : clients) {
      client.events.clear();
      throughout.put(client, new HashSet<>(client.subscribed));
      sometime.put(client, new HashSet<>(client.subscribed));
    }
  }

  private void command() {
    if (clients.isEmpty() || random.nextInt(12) == 0 && clients.size() < 12) {
      come();
      return;
    }
    Cluster.Client client = clients.get(random.nextInt(clients.size()));
    String name = NAMES.get(random.nextInt(NAMES.size()));
    switch (random.nextInt(24)) {
      case 0 -> leave(client);
      case 1, 2, 3 -> {
        client.subscribe(name);
        sometime.get(client).add(name);
      }
      case 4 -> {
        client.unsubscribe(name);
        throughout.get(client).remove(name);
      }
      case 5, 6, 7, 8, 9, 10, 11 -> emit(client, name);
      case 12, 13, 14 -> client.provide(name);
      case 15 -> client.unprovide(name);
      case 16, 17, 18 -> {
        String id = "c" + ++number;
        client.call(name, id, null);
        callers.put(id, client);
      }
      default -> answerSomething(client);
    }
  }

  private void come() {
    Cluster.Node node = nodes.get(random.nextInt(nodes.size()));
    var client = node.client(USERS.get(random.nextInt(USERS.size())));
    clients.add(client);
    throughout.put(client, new HashSet<>());
    sometime.put(client, new HashSet<>());
    if (random.nextInt(5) > 0) {
      client.join();
      joined.add(client);
    }
  }

  private void leave(Cluster.Client client) {
    clients.remove(client);
    client.node.loop.clients.remove(client);
    joined.remove(client);
    throughout.remove(client);
    callers.values().removeIf(caller -> caller == client);
    client.leave();
  }

  private void emit(Cluster.Client client, String name) {
    String text = "\"e" + ++number + "\"";
    var reply = client.emit(name, text);
    emitted.computeIfAbsent(client, c -> new ArrayList<>()).add(new Emitted(text, name, reply));
  }

  /// Each answer is a text of its own.
  private void answerSomething(Cluster.Client client) {
    if (client.offers.isEmpty()) {
      return;
    }
    CallOffer offer = client.offers.get(random.nextInt(client.offers.size()));
    String id = offer.correlationId();
    switch (random.nextInt(4)) {
      case 0 -> client.answer(offer.name(), id, ProviderAnswer.Accept.ACCEPT);
      case 1 -> client.answer(offer.name(), id, ProviderAnswer.Reject.REJECT);
      default -> {
        String text = id + " answered " + ++number;
        answersGiven.computeIfAbsent(id, i -> new HashSet<>()).add(text);
        client.answer(offer.name(), id, new ProviderAnswer.Respond(JsonString.of(text)));
      }
    }
  }

  private void checkEvents() {
    for (Cluster.Client client : clients) {
      var expected = new HashSet<String>();
      var allowed = new HashSet<String>();
      emitted.forEach((emitter, all) -> {
        var mine = new ArrayList<String>();
        for (Emitted each : all) {
          boolean sent = each.reply.outcome() == Outcome.Done.DONE && emitter != client;
          String text = each.name + "=" + each.text;
          if (sent && sometime.get(client).contains(each.name)) {
            allowed.add(text);
          }
          if (sent && throughout.get(client).contains(each.name)) {
            expected.add(text);
          }
          mine.add(text);
        }
        List<String> received = client.events.stream().filter(mine::contains).toList();
        mine.retainAll(received);
        assertEquals(mine, received, "order, and each once");
      });
      assertTrue(client.events.containsAll(expected), () -> client.events + " of " + expected);
      assertTrue(allowed.containsAll(client.events), () -> client.events + " of " + allowed);
    }
  }

  private void checkPresence() {
    Set<String> users =
        joined.stream().map(client -> client.principal.id()).collect(Collectors.toSet());
    for (Cluster.Node node : nodes) {
      var query = watchers.get(node).queryPresence();
      cluster.settle();
      assertEquals(new Outcome.Present(users), query.outcome());
      for (FeedItem.PresenceChanged each : node.loop.presence) {
        Set<String> known = told.get(node);
        assertTrue(
            each.online() ? known.add(each.user()) : known.remove(each.user()),
            () -> "told twice: " + each);
      }
      node.loop.presence.clear();
      assertEquals(users, told.get(node));
    }
  }

  /// @param over whether every call must have ended
  private void checkCalls(boolean over) {
    callers.forEach((id, caller) -> {
      List<CallSignal> signals = caller.signals(id);
      long finals = signals.stream().filter(each -> each != CallSignal.Accepted.ACCEPTED).count();
      assertTrue(over ? finals == 1 : finals <= 1, () -> id + ": " + signals);
      if (finals == 1) {
        assertTrue(signals.getLast() != CallSignal.Accepted.ACCEPTED, () -> id + ": " + signals);
      }
      if (finals == 1 && signals.getLast() instanceof CallSignal.Responded(var data)) {
        assertTrue(
            data instanceof JsonString text
                && answersGiven.getOrDefault(id, Set.of()).contains(text.value()),
            () -> id + ": " + signals);
      }
    });
  }

  private void end() {
    cluster.pass(Duration.ofSeconds(30));
    checkCalls(true);
    while (!clients.isEmpty()) {
      leave(clients.getFirst());
    }
    cluster.settle();
    checkPresence();
    for (Cluster.Node node : nodes) {
      assertEquals(0, node.engine.messaging().held().users());
      watchers.get(node).leave();
    }
    cluster.settle();
    for (Cluster.Node node : nodes) {
      assertTrue(
          node.engine.messaging().isEmpty(), () -> "left: " + node.engine.messaging().held());
      assertEquals(0, node.engine.messaging().held().procedures());
    }
    assertEquals(0, cluster.timers.pending(), "timers left");
  }
}
