// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import static io.freshet.server.deepstream.EventsTest.of;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.protocol.json.Json;
import io.freshet.server.deepstream.DoorHarness.Peer;
import io.freshet.server.deepstream.wire.EventAction;
import io.freshet.server.deepstream.wire.Message;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.TopicMessage;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What went over the door, by topic and action.
class TrafficTest {
  private final DoorHarness harness = new DoorHarness();
  private final DeepstreamTraffic traffic = harness.door.traffic();

  @Test
  void everyMessageInAndOutIsCountedOnceAndTakenOnce() {
    Peer emitter = harness.client();
    Peer[] others = {
      harness.client(), harness.client("7.1.0", harness.anotherLoop()), harness.client()
    };
    DeepstreamTraffic.Counts logins = traffic.take();
    assertEquals(new DeepstreamTraffic.Logins(4, 0), logins.logins());
    assertEquals(
        Map.of("CONNECTION", Map.of("CHALLENGE", 4L), "AUTH", Map.of("REQUEST", 4L)),
        logins.received());
    assertEquals(
        Map.of("CONNECTION", Map.of("ACCEPT", 4L), "AUTH", Map.of("AUTH_SUCCESSFUL", 4L)),
        logins.sent());
    for (Peer other : others) {
      other.ask(of(EventAction.SUBSCRIBE, "a"));
    }
    emitter.ask(of(EventAction.SUBSCRIBE, "a"));
    TopicMessage emit = TopicMessage.of(EventAction.EMIT).name("a");
    emitter.burst(emit, emit, emit, emit, emit);
    harness.settle();
    DeepstreamTraffic.Counts counts = traffic.take();
    assertEquals(Map.of("EVENT", Map.of("SUBSCRIBE", 4L, "EMIT", 5L)), counts.received());
    assertEquals(Map.of("EVENT", Map.of("SUBSCRIBE", 4L, "EMIT", 15L)), counts.sent());
    assertEquals(Map.of(), counts.errors());
    DeepstreamTraffic.Counts nothing = traffic.take();
    assertEquals(Map.of(), nothing.sent());
    assertEquals(new DeepstreamTraffic.Logins(0, 0), nothing.logins());
  }

  @Test
  void changesOfRecordsAreCountedInTheFormTheyHave() {
    Peer older = harness.client("7.0.5");
    Peer newer = harness.client("7.1.0", harness.loops.getFirst());
    Peer writer = harness.client("7.1.0", harness.loops.getFirst());
    for (Peer each : new Peer[] {older, newer, writer}) {
      each.subscribe("r");
    }
    traffic.take();
    Message multi =
        DoorHarness.message(RecordAction.PATCH_MULTI, "r")
            .data(Json.parse("[{\"path\":\"a\",\"data\":1},{\"path\":\"b\",\"data\":2}]"))
            .version(1);
    writer.ask(multi);
    writer.patch("r", "c", "1", 2);
    writer.ask(DoorHarness.message(RecordAction.READ, "r"));
    writer.ask(DoorHarness.message(RecordAction.DELETE, "r"));
    DeepstreamTraffic.Counts counts = traffic.take();
    assertEquals(
        Map.of(
            "UPDATE", 1L, // the older client gets the object around
            "PATCH_MULTI", 1L,
            "PATCH", 2L,
            "READ_RESPONSE", 1L,
            "DELETE_SUCCESS", 1L,
            "DELETED", 2L),
        counts.sent().get("RECORD"));
  }

  @Test
  void errorsAreCountedByTheirNameWhateverTheTopic() {
    Peer peer = harness.client();
    traffic.take();
    peer.ask(TopicMessage.of(EventAction.EMIT));
    peer.ask(DoorHarness.message(RecordAction.READ, "missing"));
    peer.ask(updateWithoutData());
    peer.bytes(new byte[] {6, 16, 99, 26, 2, 8, 2});
    DeepstreamTraffic.Counts counts = traffic.take();
    assertEquals(
        Map.of("INVALID_MESSAGE_DATA", 2L, "RECORD_NOT_FOUND", 1L, "UNKNOWN_TOPIC", 1L),
        counts.errors());
  }

  private static Message updateWithoutData() {
    return DoorHarness.message(RecordAction.UPDATE, "r").version(1);
  }

  @Test
  void failedLoginsAreDeclined() {
    var harness =
        new DoorHarness(
            DeepstreamOptions.DEFAULT,
            attempt ->
                java.util.concurrent.CompletableFuture.completedFuture(
                    new io.freshet.spi.Authenticator.Verdict.Refused(Json.parse("null"))),
            io.freshet.engine.guard.Guard.OPEN);
    Peer peer = harness.connect();
    peer.challenge("7.0.5");
    peer.login("{}");
    peer.login("{}");
    assertEquals(new DeepstreamTraffic.Logins(0, 2), harness.door.traffic().take().logins());
  }
}
