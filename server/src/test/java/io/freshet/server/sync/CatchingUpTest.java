// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import static io.freshet.server.sync.Look.at;
import static io.freshet.server.sync.Look.json;
import static io.freshet.server.sync.Look.text;
import static io.freshet.server.sync.Look.told;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Subscriptions of `/ws` that begin with a snapshot, or where an earlier one ended.
final class CatchingUpTest {
  private final SyncHarness harness = new SyncHarness();
  private final SyncClient writer = harness.client();
  private final SyncClient reader = harness.client();

  private void create(String id, String data) {
    writer.done("'op':'create','service':'s','id':'%s','data':%s".formatted(id, data));
  }

  private void merge(String id, String data) {
    writer.done("'op':'merge','service':'s','id':'%s','data':%s".formatted(id, data));
  }

  private static List<String> tellings(List<JsonObject> frames) {
    return frames.stream()
        .filter(frame -> text(frame, "type").equals("event"))
        .map(frame -> told((JsonObject) at(frame, "data")))
        .toList();
  }

  // Snapshots.

  @Test
  void aSnapshotComesBeforeWhatHappensNext() {
    create("a", "{'x':1}");
    create("b", "{'x':2}");
    merge("a", "{'x':3}");
    List<JsonObject> frames =
        reader.ask(
            "{'type':'subscribe','topic':'sync.s.updated','returnMode':'diff','snapshot':true}");
    assertEquals("subscribed", text(frames.getFirst(), "type"));
    assertEquals(List.of("snapshot 2 a", "snapshot 1 b"), tellings(frames));
    JsonObject first = (JsonObject) at(frames.get(1), "data");
    assertNull(first.get("id"));
    assertEquals(json("{'x':3}"), at(first, "payload", "data"));
    assertEquals(json("{'added':{},'removed':{},'changed':{}}"), at(first, "payload", "diff"));
    merge("b", "{'x':9}");
    assertEquals(List.of("merge 2 b"), reader.told());
  }

  @Test
  void aSnapshotLeavesOutWhatIsGoneOrDoesNotMatch() {
    create("a", "{'x':1}");
    create("b", "{'x':2}");
    create("c", "{'x':2}");
    writer.done("'op':'delete','service':'s','id':'c'");
    writer.done(
        "'op':'create','service':'s','id':'d','data':{'x':2},'expiresAt':%d"
            .formatted(harness.clock.millis() + 10));
    harness.clock.advance(Duration.ofMillis(20));
    List<JsonObject> frames =
        reader.ask(
            "{'type':'subscribe','topic':'sync.s.updated','filter':{'x':2},'snapshot':true}");
    assertEquals(List.of("snapshot 1 b"), tellings(frames));
  }

  @Test
  void aPingIsAnsweredBehindTheSnapshot() {
    create("a", "{}");
    reader.say("{'type':'subscribe','topic':'sync.s.updated','snapshot':true}");
    reader.say("{'type':'ping','ref':'p'}");
    harness.settle();
    assertEquals(
        List.of("subscribed", "event", "pong"),
        reader.frames().stream().map(frame -> text(frame, "type")).toList());
  }

  @Test
  void alargeCollectionComesInPages() {
    for (int i = 0; i < 1200; i++) {
      create("d%04d".formatted(i), "{'n':%d}".formatted(i));
    }
    List<String> told =
        tellings(reader.ask("{'type':'subscribe','topic':'sync.s.updated','snapshot':true}"));
    assertEquals(1200, told.size());
    assertEquals(1200, told.stream().distinct().count());
  }

  @Test
  void aSlowReaderIsSentPagesAsItReads() {
    for (int i = 0; i < 1200; i++) {
      create("d%04d".formatted(i), "{'n':%d}".formatted(i));
    }
    reader.say("{'type':'subscribe','topic':'sync.s.updated','snapshot':true}");
    reader.setWritable(false);
    harness.settle();
    int first = tellings(reader.frames()).size();
    assertTrue(first < 1200, "only what was asked for before: " + first);
    merge("d0000", "{'late':true}");
    merge("d1199", "{'late':true}");
    reader.setWritable(true);
    harness.settle();
    List<String> rest = tellings(reader.frames());
    assertEquals(1200 - first, rest.stream().filter(each -> each.startsWith("snap")).count());
  }

  /// Whatever happens while a snapshot is sent, the reader ends with what is there, and sees each
  /// revision at most once.
  @ParameterizedTest
  @MethodSource("io.freshet.testkit.Seeds#all")
  void aSnapshotUnderWritesHasNoGapAndNoDuplicate(long seed) {
    var random = new Random(seed);
    for (int i = 0; i < 700; i++) {
      create("d%03d".formatted(i), "{'n':0}");
    }
    reader.say("{'type':'subscribe','topic':'sync.s.updated','snapshot':true}");
    for (int round = 0; round < 60; round++) {
      for (int n = random.nextInt(5); n > 0; n--) {
        writer.say(randomWrite(random));
      }
      harness.engine.turn();
      if (random.nextInt(3) == 0 && !harness.commits.isEmpty()) {
        harness.commits.poll().run();
      }
      if (random.nextInt(2) == 0) {
        harness.loops.getFirst().runPendingTasks();
      }
      if (random.nextInt(8) == 0) {
        reader.setWritable(random.nextBoolean());
      }
    }
    reader.setWritable(true);
    harness.settle();
    assertFollowed(reader.frames());
  }

  private static String randomWrite(Random random) {
    String id = "d%03d".formatted(random.nextInt(750));
    String members =
        switch (random.nextInt(4)) {
          case 0 -> "'op':'delete','service':'s','id':'%s'".formatted(id);
          case 1 -> "'op':'create','service':'s','id':'%s','data':{'n':1}".formatted(id);
          default ->
              "'op':'mutate','service':'s','id':'%s','mutations':{'n':{'$inc':1}}".formatted(id);
        };
    return "{'type':'sync','requestId':'r'," + members + "}";
  }

  /// Keeps what the frames tell of each document and compares it with what is there.
  private void assertFollowed(List<JsonObject> frames) {
    var seen = new TreeMap<String, Long>();
    var held = new TreeMap<String, String>();
    for (JsonObject frame : frames) {
      if (text(frame, "type").equals("event")) {
        JsonObject event = (JsonObject) at(frame, "data");
        String id = text(event, "metadata", "documentId");
        long revision = Look.number(event, "metadata", "revision");
        Long before = seen.put(id, revision);
        assertTrue(before == null || revision == before + 1, told(event) + " after " + before);
        if (at(event, "payload", "deleted") == null) {
          held.put(id, at(event, "payload", "data").toString());
        } else {
          held.remove(id);
        }
      }
    }
    assertEquals(current(), held);
  }

  private Map<String, String> current() {
    var current = new TreeMap<String, String>();
    String after = "";
    while (true) {
      writer.take();
      JsonObject page = writer.sync("'op':'list','service':'s','limit':200" + after);
      for (var each : (io.freshet.protocol.json.JsonArray) at(page, "documents")) {
        current.put(text(each, "id"), at(each, "data").toString());
      }
      if (!(page.get("next") instanceof io.freshet.protocol.json.JsonString next)) {
        return current;
      }
      after = ",'after':'" + next.value() + "'";
    }
  }

  // Going on.

  @Test
  void whatWasMissedIsToldWhenTheSubscriberComesBack() {
    reader.subscribe("'topic':'sync.s.updated'");
    create("a", "{}");
    String last = text(reader.events().getLast(), "id");
    reader.disconnect();
    merge("a", "{'x':1}");
    merge("a", "{'x':2}");
    SyncClient again = harness.client();
    List<JsonObject> frames =
        again.ask("{'type':'subscribe','topic':'sync.s.updated','recover':'%s'}".formatted(last));
    assertEquals(json("true"), frames.getFirst().get("recovered"));
    assertEquals(List.of("merge 2 a", "merge 3 a"), tellings(frames));
    merge("a", "{'x':3}");
    assertEquals(List.of("merge 4 a"), again.told());
  }

  @Test
  void thePlaceOfAnAcknowledgementIsGoodToGoOnFrom() {
    String place = at(reader.subscribe("'topic':'sync.s.updated'"), "position").toString();
    reader.disconnect();
    create("a", "{}");
    SyncClient again = harness.client();
    List<JsonObject> frames =
        again.ask("{'type':'subscribe','topic':'sync.s.updated','recover':%s}".formatted(place));
    assertEquals(json("true"), frames.getFirst().get("recovered"));
    assertEquals(List.of("create 1 a"), tellings(frames));
  }

  @Test
  void aSubscriberFarBehindIsReplayedTheLog() {
    reader.subscribe("'topic':'sync.s.updated'");
    create("a", "{'n':0}");
    String last = text(reader.events().getLast(), "id");
    reader.disconnect();
    int missed = 9_000;
    var burst = new StringBuilder("[");
    for (int i = 1; i <= missed; i++) {
      burst.append("{'type':'sync','requestId':'r','op':'mutate','service':'s','id':'a',");
      burst.append("'mutations':{'n':{'$inc':1}}}").append(i % 500 == 0 ? "]" : ",");
      if (i % 500 == 0) {
        writer.ask(burst.toString());
        burst.setLength(1);
      }
    }
    SyncClient again = harness.client();
    again.say("{'type':'subscribe','topic':'sync.s.updated','recover':'%s'}".formatted(last));
    again.say("{'type':'ping'}");
    harness.settle();
    List<JsonObject> frames = new ArrayList<>(again.frames());
    assertEquals("subscribed", text(frames.getFirst(), "type"));
    assertEquals(json("true"), frames.getFirst().get("recovered"));
    assertEquals("pong", text(frames.getLast(), "type"));
    List<String> told = tellings(frames);
    assertEquals(missed, told.size());
    for (int i = 0; i < missed; i++) {
      assertEquals("mutate %d a".formatted(i + 2), told.get(i));
    }
    merge("a", "{}");
    assertEquals(List.of("merge %d a".formatted(missed + 2)), again.told());
  }

  @Test
  void aPlaceThatIsNotKnownIsAGap() {
    create("a", "{}");
    List<JsonObject> frames =
        reader.ask(
            "{'type':'subscribe','topic':'sync.s.updated','recover':'01ARZ3NDEKTSV4RRFFQ69G5FAV'}");
    assertEquals(1, frames.size());
    assertEquals(json("false"), frames.getFirst().get("recovered"));
    List<JsonObject> again =
        reader.ask(
            "{'type':'subscribe','topic':'sync.s.updated','snapshot':true,"
                + "'recover':'01ARZ3NDEKTSV4RRFFQ69G5FAV'}");
    assertEquals(json("false"), again.getFirst().get("recovered"));
    assertEquals(List.of("snapshot 1 a"), tellings(again));
    assertFalse(at(again.getFirst(), "position") == null);
  }

  @Test
  void whoKnowsNothingHasMissedSomething() {
    JsonObject acknowledged = reader.subscribe("'topic':'sync.s.updated','recover':[]");
    assertEquals(json("false"), acknowledged.get("recovered"));
  }

  @Test
  void anUnsubscribeEndsWhatIsStillCatchingUp() {
    create("a", "{}");
    reader.say("{'type':'subscribe','topic':'sync.s.updated','snapshot':true}");
    reader.say("{'type':'unsubscribe','subscriptionId':'s1'}");
    reader.say("{'type':'ping'}");
    harness.settle();
    List<String> types = reader.frames().stream().map(frame -> text(frame, "type")).toList();
    assertEquals(List.of("unsubscribed", "pong"), types);
    merge("a", "{}");
    assertEquals(List.of(), reader.take());
    assertEquals(0, harness.subscriptions);
  }

  @Test
  void filtersAndTopicsHoldForWhatWasMissed() {
    String place = at(reader.subscribe("'topic':'sync.s.updated'"), "position").toString();
    create("a", "{'x':1}");
    create("b", "{'x':2}");
    writer.done("'op':'create','service':'t','id':'c','data':{'x':1}");
    merge("a", "{'x':5}");
    writer.done("'op':'delete','service':'s','id':'b'");
    SyncClient again = harness.client();
    List<JsonObject> frames =
        again.ask(
            "{'type':'subscribe','topic':'sync.s.updated','filter':{'x':1},'recover':%s}"
                .formatted(place));
    assertEquals(List.of("create 1 a", "merge 2 a"), tellings(frames));
    assertEquals("left", text(frames.getLast(), "data", "metadata", "match"));
  }
}
