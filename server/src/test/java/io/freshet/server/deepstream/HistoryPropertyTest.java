// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import static io.freshet.server.deepstream.DoorHarness.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.Condition;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Outlet;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Principal;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.PathToken;
import io.freshet.protocol.path.RecordPath;
import io.freshet.server.deepstream.DoorHarness.Peer;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever is written, through this door or another, every open record equals the document: after
/// snapshot v comes exactly v+1, and so on (design, invariant 7 and section 4).
class HistoryPropertyTest {
  private static final int STEPS = 400;
  private static final String[] PATHS = {
    "a", "a.b", "a.b[0]", "a.b[2].c", "list", "list[1]", "x y", "0", "d.e.f", "ü"
  };
  private static final String[] VALUES = {
    "1", "null", "\"text\"", "{}", "[]", "[1,{\"c\":2}]", "{\"b\":[1]}", "12.50", "true"
  };
  private static final String[] ODD_KEYS = {"a.b", "x[1]", " pad ", "", "plain", "\u2003"};

  private final DoorHarness harness = new DoorHarness();
  private final List<Watcher> watchers = new ArrayList<>();
  private final OtherDoor otherDoor = new OtherDoor();
  private Peer writer;
  private Random random;

  /// A client with the record open, and what it makes of what it is sent.
  private static final class Watcher {
    final Peer peer;
    final ModelClient model = new ModelClient();

    Watcher(Peer peer) {
      this.peer = peer;
      peer.onRecordMessage = model::take;
    }
  }

  /// Writes that no deepstream client can express.
  private static final class OtherDoor implements Session, Outlet {
    @Override
    public Principal principal() {
      return new Principal("other", JsonObject.empty(), null);
    }

    @Override
    public Outlet outlet() {
      return this;
    }

    @Override
    public void deliver(List<io.freshet.engine.feed.FeedItem> items) {}
  }

  private record Ignored(Session session) implements ReplyTo {
    @Override
    public void reply(Outcome outcome) {}
  }

  @ParameterizedTest
  @MethodSource("io.freshet.testkit.Seeds#all")
  void openRecordsEqualTheDocument(long seed) {
    random = new Random(seed);
    writer = harness.client();
    for (String sdk : new String[] {"7.0.5", "7.1.0", "7.0.5"}) {
      watchers.add(new Watcher(harness.client(sdk)));
    }
    watchers.add(new Watcher(harness.client("7.1.0", harness.anotherLoop())));
    for (int step = 0; step < STEPS; step++) {
      for (int together = random.nextInt(3); together >= 0; together--) {
        oneStep();
      }
      if (random.nextInt(3) == 0) {
        harness.settle();
        compare();
      }
    }
    harness.settle();
    compare();
    assertTrue(document().revision() > STEPS / 4, "writes happened");
  }

  private void oneStep() {
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> writer.send(write(RecordAction.CREATEANDPATCH).path(pick(PATHS)));
      case 3 -> writer.send(write(RecordAction.ERASE).path(pick(PATHS)).writeAck(true));
      case 4 -> writer.send(message(RecordAction.CREATEANDUPDATE, "r").data(whole()).version(-1));
      case 5, 6 -> writer.send(severalPatches());
      case 7, 8 -> throughTheOtherDoor();
      case 9 -> own(watchers.get(random.nextInt(watchers.size())));
      case 10 -> watchAgain();
      default -> {
        if (random.nextInt(4) == 0) {
          writer.send(message(RecordAction.DELETE, "r"));
        }
      }
    }
  }

  private RecordMessage write(RecordAction action) {
    return message(action, "r").data(Json.parse(pick(VALUES))).version(-1);
  }

  private JsonValue whole() {
    return Json.parse(
        pick(
            "{}",
            "[]",
            "[1,2,{\"a\":1}]",
            "{\"a\":{\"b\":[1,2]}}",
            "{\"n\":" + random.nextInt() + "}"));
  }

  private RecordMessage severalPatches() {
    var edits = new StringBuilder("[");
    for (int n = random.nextInt(3); n >= 0; n--) {
      edits.append("{\"path\":\"").append(pick(PATHS)).append('"');
      edits.append(random.nextInt(3) == 0 ? "}" : ",\"data\":" + pick(VALUES) + "}");
      edits.append(n == 0 ? "]" : ",");
    }
    return message(RecordAction.PATCH_MULTI, "r")
        .data(Json.parse(edits.toString()))
        .version(-1)
        .writeAck(true);
  }

  private void throughTheOtherDoor() {
    var operations = new ArrayList<FieldOperation>();
    for (int n = random.nextInt(3); n > 0; n--) {
      var tokens = new ArrayList<PathToken>();
      tokens.add(new PathToken.Key(pick("a", "d", "list", pick(ODD_KEYS))));
      if (random.nextBoolean()) {
        tokens.add(new PathToken.Key(pick(ODD_KEYS)));
      }
      var path = new RecordPath(tokens);
      operations.add(
          random.nextInt(3) == 0
              ? new FieldOperation.Erase(path)
              : new FieldOperation.Set(path, Json.parse(pick(VALUES))));
    }
    DocumentKey key = DoorHarness.key("r");
    harness.engine.submit(
        new Command.Edit(new Ignored(otherDoor), key, operations, Condition.Any.ANY, true));
  }

  /// A watcher writes the next version of what it has, as the official client does.
  private void own(Watcher watcher) {
    harness.settle();
    if (watcher.model.open && watcher.model.data instanceof JsonObject) {
      RecordMessage mine =
          message(RecordAction.PATCH, "r")
              .path("own")
              .data(Json.parse("1"))
              .version(watcher.model.version + 1);
      watcher.model.data = ((JsonObject) watcher.model.data).with("own", Json.parse("1"));
      watcher.model.version++;
      watcher.peer.send(mine);
      harness.settle();
    }
  }

  private void watchAgain() {
    Watcher watcher = watchers.get(random.nextInt(watchers.size()));
    RecordAction action =
        watcher.model.open && random.nextBoolean()
            ? RecordAction.UNSUBSCRIBE
            : RecordAction.SUBSCRIBECREATEANDREAD;
    if (action == RecordAction.UNSUBSCRIBE) {
      watcher.model.open = false;
    } else if (watcher.model.open) {
      return;
    }
    watcher.peer.send(RecordMessage.of(action).names(List.of("r")).correlationId("1"));
  }

  private void compare() {
    Document document = document();
    for (Watcher watcher : watchers) {
      watcher.peer.take();
      if (watcher.model.open) {
        assertEquals(
            document.revision() + " " + Json.text(document.data()),
            watcher.model.version + " " + Json.text(sorted(watcher.model.data, document.data())));
      }
    }
  }

  /// Equal values may have their keys in another order; then the document's spelling is taken.
  private static JsonValue sorted(JsonValue mine, JsonValue document) {
    return mine.equals(document) ? document : mine;
  }

  private Document document() {
    return harness
        .store
        .load(List.of(DoorHarness.key("r")))
        .toCompletableFuture()
        .join()
        .getFirst();
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
