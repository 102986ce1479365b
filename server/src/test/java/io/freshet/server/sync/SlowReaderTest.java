// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import static io.freshet.server.sync.Look.at;
import static io.freshet.server.sync.Look.json;
import static io.freshet.server.sync.Look.number;
import static io.freshet.server.sync.Look.text;
import static io.freshet.server.sync.Look.told;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.guard.Guard;
import io.freshet.protocol.json.JsonObject;
import io.freshet.server.gate.DoorBounds;
import io.freshet.server.session.OpenAuthenticator;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Subscribers of `/ws` that read more slowly than others write.
final class SlowReaderTest {
  /// 800 bytes may wait before events are held back.
  private static final DoorBounds NARROW =
      new DoorBounds(Duration.ofSeconds(25), 1024, 2 << 20, 6400);

  private final SyncHarness harness =
      new SyncHarness(
          SyncHarness.options(true, 1000, 100, NARROW), new OpenAuthenticator(), Guard.OPEN);
  private final SyncClient writer = harness.client();
  private final SyncClient reader = harness.client();

  private void write(String id, int n) {
    writer.done(
        "'op':'replace','service':'s','id':'%s','data':{'n':%d},'expectedRevision':%d"
            .formatted(id, n, n - 1));
  }

  private void readsAgain() {
    reader.pendingBytes = 0;
    reader.setWritable(true);
    harness.settle();
  }

  @Test
  void onlyTheNewestStatesAreKeptForASlowReader() {
    reader.subscribe("'topic':'sync.s.updated'");
    reader.setWritable(false);
    for (int n = 1; n <= 50; n++) {
      write("a", n);
    }
    write("b", 1);
    List<JsonObject> before = reader.events();
    assertTrue(before.size() < 10, "before it was slow: " + before.size());
    readsAgain();
    List<JsonObject> after = reader.events();
    assertEquals(List.of("replace 50 a", "create 1 b"), after.stream().map(Look::told).toList());
    assertEquals(json("true"), at(after.getFirst(), "metadata", "resync"));
    assertNull(at(after.getLast(), "metadata", "resync"), "nothing of b was skipped");
    assertEquals(49 - before.size(), harness.skipped);
    write("a", 51);
    assertNull(at(reader.events().getFirst(), "metadata", "resync"));
  }

  @Test
  void aDiffThatSkipsSomethingComesWithTheWholeDocument() {
    reader.subscribe("'topic':'sync.s.updated','returnMode':'diff'");
    reader.setWritable(false);
    for (int n = 1; n <= 50; n++) {
      write("a", n);
    }
    reader.take();
    readsAgain();
    JsonObject event = reader.events().getFirst();
    assertEquals(json("{'n':50}"), at(event, "payload", "data"));
    assertEquals(json("{'added':{},'removed':{},'changed':{}}"), at(event, "payload", "diff"));
    assertEquals(json("true"), at(event, "metadata", "resync"));
  }

  @Test
  void otherReadersAreToldEverything() {
    SyncClient fast = harness.client();
    reader.subscribe("'topic':'sync.s.updated'");
    fast.subscribe("'topic':'sync.s.updated'");
    reader.setWritable(false);
    for (int n = 1; n <= 50; n++) {
      write("a", n);
    }
    assertEquals(50, fast.events().size());
  }

  @Test
  void whoeverFallsBehindWithTooManyDocumentsIsClosed() {
    reader.subscribe("'topic':'sync.s.updated'");
    reader.setWritable(false);
    String large = "x".repeat(2000);
    for (int i = 0; i < 6 && !reader.closed; i++) {
      writer.done("'op':'create','service':'s','id':'d%d','data':{'t':'%s'}".formatted(i, large));
    }
    assertTrue(reader.closed);
    assertEquals(4008, reader.closeCode);
    assertEquals(List.of(SyncMeter.Ended.SLOW), harness.ends);
    harness.settle();
    assertEquals(0, harness.subscriptions);
  }

  @Test
  void oneWhoConflatesGetsTheNewestAsSoonAsItIsSlowAtAll() {
    reader.subscribe("'topic':'sync.s.updated','conflate':true");
    reader.setWritable(false);
    write("a", 1);
    write("a", 2);
    write("a", 3);
    assertEquals(List.of(), reader.take());
    readsAgain();
    assertEquals(List.of("replace 3 a"), reader.told());
  }

  @Test
  void oneWhoWantsItEverySoOftenGetsTheNewestThen() {
    reader.subscribe("'topic':'sync.s.updated','conflate':500");
    write("a", 1);
    write("a", 2);
    write("b", 1);
    harness.settle();
    assertEquals(List.of(), reader.take());
    harness.loops.getFirst().advanceTimeBy(500, TimeUnit.MILLISECONDS);
    harness.settle();
    assertEquals(List.of("replace 2 a", "create 1 b"), reader.told());
    write("a", 3);
    harness.loops.getFirst().advanceTimeBy(500, TimeUnit.MILLISECONDS);
    harness.settle();
    List<JsonObject> events = reader.events();
    assertEquals("replace 3 a", told(events.getFirst()));
    assertNull(at(events.getFirst(), "metadata", "resync"));
  }

  @Test
  void itsOwnCommandsWaitWhileItDoesNotRead() {
    reader.setWritable(false);
    reader.say("{'type':'sync','requestId':'r','op':'create','service':'s','id':'a','data':{}}");
    harness.settle();
    assertEquals(List.of(), reader.take());
    assertFalse(reader.reading);
    readsAgain();
    assertEquals(201, number(reader.frames().getFirst(), "status"));
    assertTrue(reader.reading);
  }

  /// Whatever its speed and wishes, what a reader holds in the end is what is there, and no
  /// document ever goes back.
  @ParameterizedTest
  @MethodSource("io.freshet.testkit.Seeds#all")
  void aSlowReaderConverges(long seed) {
    var random = new Random(seed);
    reader.subscribe("'topic':'sync.s.updated','returnMode':'diff'");
    reader.subscribe("'topic':'sync.s.updated','filter':{'n':{'gt':3}}");
    reader.subscribe("'topic':'sync.*.updated','conflate':100");
    var views = new Views();
    for (int round = 0; round < 300; round++) {
      writer.ask(randomWrite(random));
      if (random.nextInt(10) == 0) {
        boolean now = random.nextBoolean();
        reader.pendingBytes = now ? 0 : reader.pendingBytes;
        reader.setWritable(now);
      }
      if (random.nextInt(4) == 0) {
        harness.loops.getFirst().advanceTimeBy(100, TimeUnit.MILLISECONDS);
        harness.settle();
      }
      reader.frames().forEach(views::take);
    }
    readsAgain();
    harness.loops.getFirst().advanceTimeBy(100, TimeUnit.MILLISECONDS);
    harness.settle();
    reader.frames().forEach(views::take);
    assertTrue(harness.skipped > 0, "it was slow");
    for (int i = 0; i < 5; i++) {
      JsonObject current = writer.sync("'op':'get','service':'s','id':'d%d'".formatted(i));
      var data = at(current, "document", "data");
      assertEquals(data, views.held("s1", "d" + i));
      assertEquals(data, views.held("s3", "d" + i));
      boolean matches = data != null && number(data, "n") > 3;
      assertEquals(matches ? data : null, views.held("s2", "d" + i));
    }
  }

  private static String randomWrite(Random random) {
    String key = "'service':'s','id':'d%d'".formatted(random.nextInt(5));
    String members =
        switch (random.nextInt(5)) {
          case 0 -> "'op':'delete'," + key;
          case 1 -> "'op':'create'," + key + ",'data':{'n':%d}".formatted(random.nextInt(8));
          default -> "'op':'merge'," + key + ",'data':{'n':%d}".formatted(random.nextInt(8));
        };
    return "{'type':'sync','requestId':'r'," + members + "}";
  }

  /// What a client makes of its events, per subscription.
  private static final class Views {
    private final Map<String, io.freshet.protocol.json.JsonValue> held = new HashMap<>();
    private final Map<String, Long> revisions = new HashMap<>();

    void take(JsonObject frame) {
      if (!text(frame, "type").equals("event")) {
        return;
      }
      for (var id : (io.freshet.protocol.json.JsonArray) at(frame, "subscriptionIds")) {
        take(((io.freshet.protocol.json.JsonString) id).value(), (JsonObject) at(frame, "data"));
      }
    }

    private void take(String subscription, JsonObject event) {
      String key = subscription + " " + text(event, "metadata", "documentId");
      long revision = number(event, "metadata", "revision");
      Long before = revisions.put(key, revision);
      assertTrue(before == null || revision > before, told(event) + " after " + before);
      boolean gone =
          at(event, "payload", "deleted") != null || at(event, "metadata", "match") != null;
      if (gone) {
        held.remove(key);
      } else if (at(event, "payload", "data") != null) {
        held.put(key, at(event, "payload", "data"));
      } else {
        held.put(key, applied(held.get(key), at(event, "payload", "diff")));
      }
    }

    private static io.freshet.protocol.json.JsonValue applied(
        io.freshet.protocol.json.JsonValue before, io.freshet.protocol.json.JsonValue diff) {
      JsonObject[] data = {before instanceof JsonObject object ? object : JsonObject.empty()};
      ((JsonObject) at(diff, "added"))
          .forEach((name, value) -> data[0] = data[0].with(name, value));
      ((JsonObject) at(diff, "removed")).forEach((name, value) -> data[0] = data[0].without(name));
      ((JsonObject) at(diff, "changed"))
          .forEach((name, change) -> data[0] = data[0].with(name, at(change, "to")));
      return data[0];
    }

    io.freshet.protocol.json.JsonValue held(String subscription, String id) {
      return held.get(subscription + " " + id);
    }
  }
}
