// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import static io.freshet.server.deepstream.DoorHarness.message;
import static io.freshet.server.sync.Look.at;
import static io.freshet.server.sync.Look.number;
import static io.freshet.server.sync.Look.text;
import static io.freshet.server.sync.Look.told;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.Document;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.mutation.FieldPath;
import io.freshet.protocol.mutation.Mutation;
import io.freshet.protocol.mutation.Mutations;
import io.freshet.server.deepstream.DoorHarness.Peer;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import io.freshet.server.sync.SyncClient;
import io.freshet.server.sync.SyncDoor;
import io.freshet.server.sync.SyncHarness;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One house: whatever is written as a record or as a document, whoever keeps a copy through either
/// door has the document, at its revision, without a gap (design, section 4).
class TwoDoorsPropertyTest {
  private static final int STEPS = 400;
  private static final String[] PATHS = {
    "a", "a.b", "a.b[0]", "a.b[2].c", "list", "list[1]", "d.e"
  };
  private static final String[] VALUES = {
    "1", "null", "\"text\"", "{}", "[]", "[1,{\"c\":2}]", "{\"b\":[1]}", "12.50", "true"
  };

  private final DoorHarness harness = new DoorHarness();
  private final SyncDoor door = SyncHarness.door(harness);
  private final List<RecordWatcher> records = new ArrayList<>();
  private final List<DocumentWatcher> documents = new ArrayList<>();
  private Peer recordWriter;
  private SyncClient documentWriter;
  private Random random;

  private static final class RecordWatcher {
    final Peer peer;
    final ModelClient model = new ModelClient();

    RecordWatcher(Peer peer) {
      this.peer = peer;
      peer.onRecordMessage = model::take;
    }
  }

  /// A subscriber of `/ws` and what it makes of its events. Its data is null while there is no
  /// document.
  private final class DocumentWatcher {
    final String mode;
    SyncClient client;
    JsonValue data;
    long revision;
    String last = "";

    DocumentWatcher(String mode) {
      this.mode = mode;
      connect(",'snapshot':true");
    }

    void connect(String from) {
      client = syncClient();
      client.say(
          "{'type':'subscribe','topic':'sync.c.updated','returnMode':'%s'%s}"
              .formatted(mode, from));
    }

    void comeBack() {
      harness.settle();
      client.frames().forEach(this::take);
      client.disconnect();
      connect(last.isEmpty() ? ",'snapshot':true" : ",'recover':'" + last + "'");
    }

    void take(JsonObject frame) {
      switch (text(frame, "type")) {
        case "event" -> event((JsonObject) at(frame, "data"));
        case "error" -> throw new AssertionError(frame);
        default -> {}
      }
    }

    private void event(JsonObject event) {
      String operation = text(event, "metadata", "operation");
      boolean snapshot = operation.equals("snapshot");
      // A record that was only open may be deleted: no document was there, but the count goes on.
      boolean begins = operation.equals("create");
      if (!snapshot && !begins && revision != 0) {
        assertEquals(revision, number(event, "metadata", "previousRevision"), () -> told(event));
      }
      revision = number(event, "metadata", "revision");
      last = snapshot ? last : text(event, "id");
      JsonValue whole = at(event, "payload", "data");
      boolean gone = at(event, "payload", "deleted") != null;
      JsonValue mine = gone ? null : snapshot || mode.equals("full") ? whole : changed(event);
      if (mode.equals("both") && !gone) {
        assertEquals(whole, mine, () -> told(event));
      }
      data = mine;
    }

    /// Applies what differs the way the contract says it can be: as mutations.
    private JsonValue changed(JsonObject event) {
      JsonValue diff = at(event, "payload", "diff");
      JsonValue root = at(diff, "changed", "");
      if (root != null) {
        return at(root, "to");
      }
      var mutations = new ArrayList<Mutation>();
      ((JsonObject) at(diff, "added"))
          .forEach((path, value) -> mutations.add(new Mutation.Set(FieldPath.parse(path), value)));
      ((JsonObject) at(diff, "removed"))
          .forEach((path, _) -> mutations.add(new Mutation.Unset(FieldPath.parse(path))));
      ((JsonObject) at(diff, "changed"))
          .forEach((path, change) ->
              mutations.add(new Mutation.Set(FieldPath.parse(path), at(change, "to"))));
      JsonValue before = data == null ? JsonObject.empty() : data;
      return mutations.isEmpty()
          ? before
          : Mutations.apply(before, mutations, 0, io.freshet.protocol.json.JsonLimits.DEFAULT)
              .after();
    }
  }

  private SyncClient syncClient() {
    var client = new SyncClient(harness, door, harness.loops.getFirst().eventLoop(), "", List.of());
    harness.settle();
    client.take();
    return client;
  }

  @ParameterizedTest
  @MethodSource("io.freshet.testkit.Seeds#all")
  void everyCopyEqualsTheDocument(long seed) {
    random = new Random(seed);
    recordWriter = harness.client();
    documentWriter = syncClient();
    for (String sdk : new String[] {"7.0.5", "7.1.0"}) {
      records.add(new RecordWatcher(harness.client(sdk)));
    }
    for (String mode : new String[] {"full", "diff", "both"}) {
      documents.add(new DocumentWatcher(mode));
    }
    for (int step = 0; step < STEPS; step++) {
      for (int together = random.nextInt(3); together >= 0; together--) {
        oneStep();
      }
      if (random.nextInt(3) == 0) {
        compare();
      }
    }
    compare();
    assertTrue(document().revision() > STEPS / 3, "writes happened");
  }

  private void oneStep() {
    switch (random.nextInt(16)) {
      case 0, 1 -> recordWriter.send(write(RecordAction.CREATEANDPATCH).path(pick(PATHS)));
      case 2 -> recordWriter.send(write(RecordAction.ERASE).path(pick(PATHS)).writeAck(true));
      case 3 ->
          recordWriter.send(message(RecordAction.CREATEANDUPDATE, "c/r").data(whole()).version(-1));
      case 4 ->
          recordWriter.send(
              random.nextInt(3) == 0
                  ? message(RecordAction.DELETE, "c/r")
                  : write(RecordAction.CREATEANDPATCH).path(pick(PATHS)));
      case 5 -> watchAgain();
      case 6 -> documents.get(random.nextInt(documents.size())).comeBack();
      case 7 -> sync("'op':'create','data':" + object());
      case 8 -> sync("'op':'replace','data':" + Json.text(whole()).replace('"', '\''));
      case 9, 10 -> sync("'op':'merge','data':{'a':%s,'d':{'e':%s}}".formatted(value(), value()));
      case 11, 12 -> sync("'op':'mutate','mutations':" + mutations());
      case 13 ->
          sync("'op':'patch','patch':[{'op':'add','path':'/list','value':%s}]".formatted(value()));
      case 14 -> sync(random.nextInt(3) == 0 ? "'op':'delete'" : "'op':'merge','data':{}");
      default -> sync("'op':'restore'");
    }
  }

  private RecordMessage write(RecordAction action) {
    return message(action, "c/r").data(Json.parse(pick(VALUES))).version(-1);
  }

  private JsonValue whole() {
    return Json.parse(pick("{}", "[]", "[1,2,{\"a\":1}]", "{\"a\":{\"b\":[1,2]}}", "{\"n\":7}"));
  }

  private String object() {
    return pick("{}", "{'a':{'b':[1,2]}}", "{'list':[1],'n':1}");
  }

  private String value() {
    return pick(VALUES).replace('"', '\'');
  }

  private String mutations() {
    return pick(
        "{'n':{'$inc':1}}",
        "{'a.b':{'$push':%s}}".formatted(value()),
        "{'list':{'$push':{'$each':[%s],'$at':0}}}".formatted(value()),
        "{'a':{'$unset':true},'d.e':%s}".formatted("1"),
        "{'list':{'$pop':-1},'x.y.z':%s}".formatted(value().equals("{}") ? "1" : "[2]"),
        "[{'op':'set','path':'/d','value':{'e':%s}},{'op':'move','from':'/d/e','path':'/m'}]"
            .formatted(value()));
  }

  /// Some of these are refused: there is no document, or the field is of another kind.
  private void sync(String members) {
    documentWriter.say("{'type':'sync','requestId':'r','service':'c','id':'r'," + members + "}");
  }

  private void watchAgain() {
    RecordWatcher watcher = records.get(random.nextInt(records.size()));
    if (!watcher.model.open) {
      watcher.peer.send(
          RecordMessage.of(RecordAction.SUBSCRIBECREATEANDREAD)
              .names(List.of("c/r"))
              .correlationId("1"));
    } else if (random.nextBoolean()) {
      watcher.model.open = false;
      watcher.peer.send(
          RecordMessage.of(RecordAction.UNSUBSCRIBE).names(List.of("c/r")).correlationId("1"));
    }
  }

  private void compare() {
    harness.settle();
    Document document = document();
    String expected = document.revision() + " " + Json.text(document.data());
    for (RecordWatcher watcher : records) {
      watcher.peer.take();
      if (watcher.model.open) {
        assertEquals(
            expected, watcher.model.version + " " + spelled(watcher.model.data, document.data()));
      }
    }
    for (DocumentWatcher watcher : documents) {
      watcher.client.frames().forEach(watcher::take);
      if (document.isLive()) {
        assertEquals(
            expected,
            watcher.revision + " " + spelled(watcher.data, document.data()),
            watcher.mode);
      } else {
        assertEquals(null, watcher.data, watcher.mode);
      }
    }
    answers();
  }

  private void answers() {
    for (JsonObject answer : documentWriter.frames()) {
      boolean refused = text(answer, "type").equals("error");
      assertTrue(!refused || number(answer, "status") < 500, answer::toString);
    }
    recordWriter.take();
  }

  /// Equal values may have their keys in another order; then the document's spelling is taken.
  private static String spelled(JsonValue mine, JsonValue document) {
    return mine == null ? "nothing" : Json.text(mine.equals(document) ? document : mine);
  }

  private Document document() {
    return harness
        .store
        .load(List.of(DoorHarness.key("c/r")))
        .toCompletableFuture()
        .join()
        .getFirst();
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
