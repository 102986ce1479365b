// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import static io.freshet.server.rows.RowRules.ALL;
import static io.freshet.server.rows.RowRules.COLLECTIONS;
import static io.freshet.server.rows.RowRules.MARK;
import static io.freshet.server.rows.RowRules.TOKENS;
import static io.freshet.server.rows.RowRules.USERS;
import static io.freshet.server.sync.Look.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.permissions.Permissions;
import io.freshet.server.rows.RowRules.Rules;
import io.freshet.server.rows.RowRules.State;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Nothing of a document leaves on the socket of somebody who may not read it, whatever is written,
/// asked, subscribed to, streamed, reloaded and reconnected; and everything does that may.
///
/// Every state of every document carries a mark of its own, which is looked for in all that is
/// sent.
final class RowRulesTest {
  private static final int STEPS = 250;

  @TempDir Path directory;

  private Path file() {
    return directory.resolve("permissions.yml");
  }

  /// A server, its clients, and what they may know.
  private final class World {
    private final Random random;
    private final Permissions permissions;
    private final SyncHarness harness;
    private final List<Peer> peers = new ArrayList<>();

    /// By mark.
    private final Map<String, State> states = new HashMap<>();

    /// By collection and id; those that are there.
    private final Map<String, State> documents = new TreeMap<>();

    private Rules rules = ALL.getFirst();
    private int marks;
    private boolean conflicts = true;

    World(int seed) {
      random = new Random(seed);
      rules.place(file());
      permissions = new Permissions(file(), java.time.InstantSource.system());
      harness =
          new SyncHarness(
              SyncHarness.options(false, 1000, 100, SyncHarness.BOUNDS), TOKENS, permissions);
      permissions.followedBy(harness.engine::renewRules);
      for (String user : USERS) {
        peers.add(new Peer(user));
      }
    }

    void reload(Rules next) {
      rules = next;
      next.place(file());
      permissions.refresh();
      harness.settle();
      check();
    }

    void check() {
      peers.forEach(Peer::receive);
    }

    void step() {
      Peer peer = peers.get(random.nextInt(peers.size()));
      String collection = COLLECTIONS.get(random.nextInt(COLLECTIONS.size()));
      String place = "'service':'%s','id':'%d'".formatted(collection, random.nextInt(4));
      switch (random.nextInt(14)) {
        case 0, 1, 2, 3, 4 -> write(collection, random.nextInt(4), peer, "replace");
        case 5 -> write(collection, random.nextInt(4), peer, "create");
        case 6 -> remove(collection, random.nextInt(4), peer);
        case 7 -> peer.ask("'op':'get'," + place + ",'includeDeleted':true");
        case 8 -> peer.ask("'op':'history'," + place);
        case 9 ->
            peer.ask("'op':'list','service':'%s','includeDeleted':true".formatted(collection));
        case 10 -> peer.subscribe(collection, random.nextBoolean());
        case 11 -> peer.stream(collection);
        case 12 -> peer.reconnect();
        default -> reload(ALL.get(random.nextInt(ALL.size())));
      }
      check();
    }

    void write(String collection, int id, Peer writer, String op) {
      var state =
          new State(
              collection,
              Integer.toString(id),
              USERS.get(random.nextInt(USERS.size())),
              random.nextBoolean(),
              "m" + ++marks + "m");
      states.put(state.mark(), state);
      State standing = documents.get(key(collection, id));
      boolean there = standing != null;
      // Where it is there, creating it is a conflict, which says what is there.
      if (!op.equals("create") && there || op.equals("create") && !there) {
        documents.put(key(collection, id), state);
      }
      boolean wrong = op.equals("replace") && conflicts && random.nextInt(6) == 0;
      String expected = wrong ? ",'expectedRevision':100000,'returnCurrent':true" : "";
      if (wrong && standing != null) {
        documents.put(key(collection, id), standing);
      }
      writer.ask(
          "'op':'%s','service':'%s','id':'%d','data':%s%s"
              .formatted(op, collection, id, state.json(), expected));
    }

    void remove(String collection, int id, Peer writer) {
      documents.remove(key(collection, id));
      writer.ask("'op':'delete','service':'%s','id':'%d'".formatted(collection, id));
    }

    private static String key(String collection, int id) {
      return collection + "/" + id;
    }

    /// What somebody who follows a collection must know of it.
    Map<String, String> visible(String user, String collection) {
      var visible = new TreeMap<String, String>();
      documents.forEach((key, state) -> {
        if (state.collection().equals(collection) && rules.reading().allows(user, state)) {
          visible.put(state.id(), state.mark());
        }
      });
      return visible;
    }

    private final class Peer {
      private final String user;
      private SyncClient client;
      private @Nullable String lastEvent;

      /// What its subscription to each collection has told it, by id.
      private final Map<String, Map<String, String>> views = new HashMap<>();

      /// Likewise its streams, by their ids.
      private final Map<String, Map<String, String>> streamed = new HashMap<>();

      Peer(String user) {
        this.user = user;
        this.client = login();
      }

      private SyncClient login() {
        SyncClient fresh = harness.connect("token=" + user, List.of());
        harness.settle();
        fresh.take();
        return fresh;
      }

      void ask(String members) {
        client.say("{'type':'sync','requestId':'r'," + members + "}");
        harness.settle();
      }

      void subscribe(String collection, boolean diff) {
        views.put(collection, new TreeMap<>());
        String mode = diff ? "both" : "full";
        client.say(
            "{'type':'subscribe','topic':'sync.%s.updated','returnMode':'%s','snapshot':true}"
                .formatted(collection, mode));
        harness.settle();
      }

      void stream(String collection) {
        client.say("{'type':'stream','collection':'%s','from':'earliest'}".formatted(collection));
        harness.settle();
      }

      void reconnect() {
        receive();
        client.disconnect();
        harness.settle();
        client = login();
        views.clear();
        streamed.clear();
        if (lastEvent != null) {
          client.say(
              "{'type':'subscribe','topic':'sync.*.updated','returnMode':'both','recover':['%s']}"
                  .formatted(lastEvent));
          harness.settle();
        }
      }

      void receive() {
        for (JsonObject frame : client.frames()) {
          audit(frame);
          if (text(frame, "type").equals("event")) {
            told((JsonObject) Look.at(frame, "data"));
          } else if (text(frame, "type").equals("change")) {
            streamed((String) text(frame, "streamId"), (JsonObject) Look.at(frame, "event"));
          }
        }
      }

      private void audit(JsonObject frame) {
        Matcher marks = MARK.matcher(Json.text(frame));
        while (marks.find()) {
          State state = states.get(marks.group());
          assertTrue(
              rules.reading().allows(user, state),
              () -> user + " was told of " + state + ": " + Json.text(frame));
        }
      }

      private void told(JsonObject event) {
        String collection = text(event, "metadata", "service");
        String id = text(event, "metadata", "documentId");
        if (event.get("id") instanceof JsonString place) {
          lastEvent = place.value();
        }
        Map<String, String> view = views.getOrDefault(collection, new TreeMap<>());
        JsonObject payload = (JsonObject) Look.at(event, "payload");
        JsonObject metadata = (JsonObject) Look.at(event, "metadata");
        if (payload.get("deleted") != null || metadata.get("match") != null) {
          view.remove(id);
        } else {
          view.put(id, text(payload, "data", "mark"));
        }
      }

      private void streamed(String stream, JsonObject event) {
        Map<String, String> view = streamed.computeIfAbsent(stream, _ -> new TreeMap<>());
        String id = text(event, "documentId");
        JsonValue row = event.get("created") != null ? event.get("created") : event.get("after");
        if (row == null) {
          view.remove(id);
        } else {
          view.put(id, text(row, "mark"));
        }
      }
    }
  }

  static IntStream seeds() {
    int rounds = Integer.getInteger("freshet.rounds", 6);
    return IntStream.range(0, rounds);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void nothingIsToldToThoseWhoMayNotReadIt(int seed) {
    var world = new World(seed);
    for (int i = 0; i < STEPS; i++) {
      world.step();
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everythingIsToldToThoseWhoMayReadIt(int seed) {
    for (Rules rules : ALL) {
      var world = new World(seed);
      world.reload(rules);
      for (int i = 0; i < 20; i++) {
        world.write("note", i % 4, world.peers.getFirst(), i < 4 ? "create" : "replace");
        world.check();
        if (i == 8) {
          world.peers.forEach(peer -> {
            peer.subscribe("note", seed % 2 == 0);
            peer.stream("note");
          });
          world.check();
        }
      }
      for (int i = 0; i < 3; i++) {
        world.remove("note", i, world.peers.getFirst());
        world.write("note", i, world.peers.getFirst(), "create");
        world.check();
      }
      for (World.Peer peer : world.peers) {
        boolean follows = rules.follows(peer.user);
        Map<String, String> expected =
            follows ? world.visible(peer.user, "note") : Map.<String, String>of();
        assertEquals(expected, peer.views.get("note"), peer.user + " by " + rules.sections());
        Map<String, String> streamed =
            peer.streamed.values().stream().findFirst().orElse(new TreeMap<>());
        assertEquals(expected, streamed, peer.user + "'s stream by " + rules.sections());
      }
    }
  }

  @Test
  void aRuleThatDoesNotLookAtTheUserIsEvaluatedOncePerChange() {
    var world = new World(1);
    for (int i = 0; i < 10; i++) {
      world.peers.add(world.new Peer("user" + i));
    }
    for (Rules rules : List.of(ALL.get(1), ALL.get(0))) {
      world.reload(rules);
      world.peers.forEach(peer -> peer.subscribe("note", false));
      world.write("note", 0, world.peers.getFirst(), "create");
      world.write("note", 0, world.peers.getFirst(), "replace");
      world.check();
      world.conflicts = false;
      long before = world.permissions.evaluations();
      for (int i = 0; i < 5; i++) {
        world.write("note", 0, world.peers.getFirst(), "replace");
      }
      long each = (world.permissions.evaluations() - before) / 5;
      int users = world.peers.size();
      // The state before was judged as the state after the change before it.
      assertEquals(rules.equals(ALL.get(1)) ? 1 : users, each);
      world.check();
    }
  }

  @Test
  void whatIsNotAllowedAnyMoreEndsWithANotice() {
    var world = new World(1);
    world.reload(ALL.get(2));
    world.peers.forEach(peer -> {
      peer.subscribe("note", false);
      peer.stream("note");
    });
    world.check();
    world.rules = ALL.get(4);
    ALL.get(4).place(file());
    world.permissions.refresh();
    world.harness.settle();
    for (World.Peer peer : world.peers) {
      List<String> told =
          peer.client.frames().stream()
              .map(frame ->
                  text(frame, "type") + (frame.get("code") == null ? "" : text(frame, "code")))
              .toList();
      List<String> expected =
          peer.user.equals("anna")
              ? List.of()
              : List.of("errorFORBIDDEN", "errorFORBIDDEN", "stopped");
      assertEquals(expected.stream().sorted().toList(), told.stream().sorted().toList(), peer.user);
    }
  }
}
