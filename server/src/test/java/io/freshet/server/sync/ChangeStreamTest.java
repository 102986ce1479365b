// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import static io.freshet.server.sync.Look.at;
import static io.freshet.server.sync.Look.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.json.JsonObject;
import io.freshet.testkit.Seeds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Change streams on `/ws`: from the log to live and back, over windows, slow readers and broken
/// connections, what a named stream's client takes in is the log, in its order.
final class ChangeStreamTest {
  private static final int STEPS = 600;
  private static final int DOCUMENTS = 5;

  private final SyncHarness harness = new SyncHarness();
  private final SyncClient writer = harness.client();
  private int written;

  static LongStream seeds() {
    return Seeds.all();
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whatIsTakenInIsTheLog(long seed) {
    var random = new Random(seed);
    List<Consumer> consumers =
        List.of(
            new Consumer("all", "", null, 3),
            new Consumer("some", ",'create':{'k':0},'update':{'after':{'k':0}}", "0", 2),
            new Consumer("wide", ",'delete':{}", "delete", 100));
    for (int i = 0; i < STEPS; i++) {
      Consumer one = consumers.get(random.nextInt(consumers.size()));
      switch (random.nextInt(13)) {
        case 0, 1, 2, 3 -> write(random);
        case 4 -> one.connect();
        case 5 -> one.client.setWritable(random.nextBoolean());
        case 6 -> {
          if (random.nextInt(3) == 0) {
            one.breakOff();
          }
        }
        case 7 -> harness.settle();
        case 8 -> harness.clock.advance(Duration.ofSeconds(random.nextInt(-900, 600)));
        default -> one.take(random.nextInt(4));
      }
    }
    List<JsonObject> log = log();
    for (Consumer each : consumers) {
      each.drain();
      List<String> wanted =
          log.stream().filter(each::wants).map(event -> text(event, "id")).toList();
      assertEquals(wanted, each.processed, each.name);
      assertTrue(each.connections > 1 || wanted.size() < 10, each.name + " never came back");
    }
  }

  private void write(Random random) {
    String collection = random.nextInt(4) == 0 ? "other" : "s";
    String id = "d" + random.nextInt(DOCUMENTS);
    String data = "'data':{'k':%d,'n':%d}".formatted(random.nextInt(3), written++);
    String place = "'service':'%s','id':'%s'".formatted(collection, id);
    String op =
        switch (random.nextInt(6)) {
          case 0 -> "'op':'delete'";
          case 1, 2 -> "'op':'create'," + data;
          default -> "'op':'merge'," + data;
        };
    writer.ask("{'type':'sync','requestId':'r'," + op + "," + place + "}");
  }

  /// All events of the collection.
  private List<JsonObject> log() {
    SyncClient reader = harness.client();
    var events = new ArrayList<JsonObject>();
    reader.say("{'type':'stream','collection':'s','from':'earliest'}");
    harness.settle();
    for (JsonObject frame : reader.frames()) {
      if (text(frame, "type").equals("change")) {
        events.add((JsonObject) at(frame, "event"));
      }
    }
    return events;
  }

  @Test
  void aSlowReaderOfALiveSubscriptionMissesEventsAndIsToldHowMany() {
    SyncClient reader = harness.client();
    reader.ask("{'type':'stream','collection':'s','mode':'subscribe'}");
    reader.setWritable(false);
    reader.pendingBytes = 1 << 20;
    var random = new Random(1);
    for (int i = 0; i < 20; i++) {
      write(random);
    }
    reader.setWritable(true);
    reader.pendingBytes = 0;
    for (int i = 0; i < 200; i++) {
      harness.settle();
    }
    List<JsonObject> states =
        reader.frames().stream().filter(f -> text(f, "type").equals("streamState")).toList();
    assertEquals(1, states.size());
    assertTrue(Integer.parseInt(String.valueOf(states.getFirst().get("dropped"))) > 5);
  }

  /// The client of a named stream.
  private final class Consumer {
    private final String name;
    private final String filter;
    private final @Nullable String kind;
    private final int window;
    private final List<String> processed = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();
    private final List<JsonObject> inbox = new ArrayList<>();
    private SyncClient client = harness.client();
    private @Nullable String streamId;
    private boolean asked;
    private int connections;

    Consumer(String name, String filter, @Nullable String kind, int window) {
      this.name = name;
      this.filter = filter;
      this.kind = kind;
      this.window = window;
      connect();
    }

    boolean wants(JsonObject event) {
      String action = text(event, "action");
      return switch (kind) {
        case null -> true;
        case "delete" -> action.equals("delete");
        default ->
            !action.equals("delete")
                && String.valueOf(at(event, action.equals("create") ? "created" : "after", "k"))
                    .equals(kind);
      };
    }

    void connect() {
      if (!asked) {
        asked = true;
        connections++;
        client.say(
            "{'type':'stream','collection':'s','from':'earliest','name':'%s','window':%d%s}"
                .formatted(name, window, filter));
      }
    }

    void breakOff() {
      client.disconnect();
      harness.settle();
      client = harness.client();
      inbox.clear();
      streamId = null;
      asked = false;
    }

    /// Takes in some of what has come, in order, and acknowledges the last one.
    void take(int most) {
      for (JsonObject frame : client.frames()) {
        switch (text(frame, "type")) {
          case "streaming" -> streamId = text(frame, "streamId");
          case "change" -> inbox.add((JsonObject) at(frame, "event"));
          case "streamState" -> {}
          default -> throw new AssertionError(frame.toString());
        }
      }
      int count = Math.min(most, inbox.size());
      for (JsonObject event : inbox.subList(0, count)) {
        if (seen.add(text(event, "id"))) {
          processed.add(text(event, "id"));
        }
      }
      if (count > 0) {
        String last = text(inbox.get(count - 1), "id");
        inbox.subList(0, count).clear();
        client.say("{'type':'ack','streamId':'%s','id':'%s'}".formatted(streamId, last));
      }
    }

    void drain() {
      client.setWritable(true);
      connect();
      for (int quiet = 0; quiet < 40; quiet++) {
        harness.settle();
        int before = processed.size();
        take(Integer.MAX_VALUE);
        quiet = processed.size() == before ? quiet : 0;
      }
    }
  }
}
