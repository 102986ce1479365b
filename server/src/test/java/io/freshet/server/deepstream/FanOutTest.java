// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import static io.freshet.server.deepstream.DoorHarness.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.guard.Guard;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.server.deepstream.DeepstreamMeter.Refusal;
import io.freshet.server.deepstream.DoorHarness.Peer;
import io.freshet.server.deepstream.wire.DecodedFrames;
import io.freshet.server.deepstream.wire.FrameWriter;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import io.freshet.server.session.OpenAuthenticator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Many watchers, several event loops, slow readers and bounds.
class FanOutTest {
  private final DoorHarness harness = new DoorHarness();

  private static RecordMessage patch(String name, int n, int version) {
    return message(RecordAction.PATCH, name)
        .path("n")
        .data(Json.parse(Integer.toString(n)))
        .version(version);
  }

  private static List<String> patches(String name, int from, int to) {
    return IntStream.rangeClosed(from, to)
        .mapToObj(n -> "PATCH name=" + name + " version=" + n + " path=n data=" + n)
        .toList();
  }

  private List<Peer> watchers(int count, EmbeddedChannel loop) {
    var peers = new ArrayList<Peer>();
    for (int i = 0; i < count; i++) {
      Peer peer = harness.client(i % 2 == 0 ? "7.0.5" : "7.1.0", loop);
      peer.subscribe("r");
      peers.add(peer);
    }
    return peers;
  }

  @Test
  void aBatchIsOneWriteAndOneFlushPerWatcherOnEveryLoop() {
    EmbeddedChannel other = harness.anotherLoop();
    List<Peer> peers =
        Stream.concat(watchers(50, harness.loops.getFirst()).stream(), watchers(50, other).stream())
            .toList();
    Peer writer = harness.client();
    int[] sends = peers.stream().mapToInt(peer -> peer.sends).toArray();
    int[] flushes = peers.stream().mapToInt(peer -> peer.flushes).toArray();
    int[] messages = peers.stream().mapToInt(peer -> peer.messages).toArray();
    writer.burst(
        IntStream.rangeClosed(1, 16).mapToObj(n -> patch("r", n, n)).toArray(RecordMessage[]::new));
    harness.settle();
    for (int i = 0; i < peers.size(); i++) {
      assertEquals(patches("r", 1, 16), peers.get(i).take());
      assertEquals(1, peers.get(i).sends - sends[i]);
      assertEquals(1, peers.get(i).flushes - flushes[i]);
      assertEquals(16, peers.get(i).messages - messages[i]);
    }
    assertEquals(0, harness.backlog);
  }

  @Test
  void everyWriterInABatchGetsWhatTheOthersWrote() {
    List<Peer> peers = watchers(4, harness.loops.getFirst());
    peers.get(0).send(patch("r", 1, 1));
    peers.get(1).send(patch("r", 2, 2));
    peers.get(0).send(patch("r", 3, 3));
    peers
        .get(2)
        .send(
            message(RecordAction.PATCH_MULTI, "r")
                .data(Json.parse("[{\"path\":\"a\",\"data\":1},{\"path\":\"b\",\"data\":2}]"))
                .version(4));
    harness.settle();
    String update = "UPDATE name=r version=4 data={\"n\":3,\"a\":1,\"b\":2}";
    String multi =
        "PATCH_MULTI name=r version=4"
            + " data=[{\"path\":\"a\",\"data\":1},{\"path\":\"b\",\"data\":2}]";
    List<String> three = patches("r", 1, 3);
    assertEquals(List.of(three.get(1), update), peers.get(0).take());
    assertEquals(List.of(three.get(0), three.get(2), multi), peers.get(1).take());
    assertEquals(three, peers.get(2).take());
    assertEquals(Stream.concat(three.stream(), Stream.of(multi)).toList(), peers.get(3).take());
  }

  @Test
  void aSessionGetsItsAnswersAndChangesInFeedOrderInOneFlush() {
    List<Peer> peers = watchers(3, harness.loops.getFirst());
    Peer watcher = peers.getFirst();
    Peer writer = harness.client();
    int flushes = watcher.flushes;
    watcher.handler.onMessage(
        io.freshet.server.net.MessageKind.BINARY,
        io.netty.buffer.Unpooled.wrappedBuffer(payload(message(RecordAction.READ, "r"))));
    watcher.handler.onReadComplete();
    writer.send(patch("r", 1, 1));
    harness.settle();
    assertEquals(
        List.of("READ_RESPONSE name=r version=0 data={}", "PATCH name=r version=1 path=n data=1"),
        watcher.take());
    assertTrue(watcher.flushes - flushes <= 2);
  }

  private static byte[] payload(RecordMessage message) {
    var out = new FrameWriter();
    message.writeTo(out);
    return DecodedFrames.payload(out);
  }

  @Test
  void watchersComeAndGoInAnyOrder() {
    List<Peer> peers = watchers(9, harness.loops.getFirst());
    for (int gone : new int[] {8, 0, 4}) {
      peers.get(gone).disconnect();
    }
    peers
        .get(5)
        .ask(RecordMessage.of(RecordAction.UNSUBSCRIBE).names(List.of("r")).correlationId("1"));
    peers.get(5).take();
    harness.client().ask(patch("r", 1, 1));
    for (int i = 0; i < 9; i++) {
      boolean watching = i != 8 && i != 0 && i != 4 && i != 5;
      assertEquals(watching ? patches("r", 1, 1) : List.of(), peers.get(i).take());
    }
    assertEquals(5, harness.subscriptions);
  }

  @Test
  void deletionsReachWatchersOfEveryLoop() {
    EmbeddedChannel other = harness.anotherLoop();
    List<Peer> here = watchers(3, harness.loops.getFirst());
    List<Peer> there = watchers(3, other);
    here.getFirst().burst(patch("r", 1, 1), message(RecordAction.DELETE, "r"));
    harness.settle();
    assertEquals(List.of("DELETE_SUCCESS name=r"), here.getFirst().take());
    for (Peer peer : List.of(here.get(1), here.get(2), there.get(0), there.get(2))) {
      assertEquals(List.of("PATCH name=r version=1 path=n data=1", "DELETED name=r"), peer.take());
    }
    assertEquals(0, harness.subscriptions);
  }

  @Test
  void manyRecordsInOneBatch() {
    Peer watcher = harness.client();
    String[] names = IntStream.range(0, 200).mapToObj(n -> "r" + n).toArray(String[]::new);
    watcher.ask(
        RecordMessage.of(RecordAction.SUBSCRIBECREATEANDREAD)
            .names(List.of(names))
            .correlationId("1"));
    int sends = watcher.sends;
    harness
        .client()
        .burst(Stream.of(names).map(name -> patch(name, 1, 1)).toArray(RecordMessage[]::new));
    harness.settle();
    assertEquals(200, watcher.take().size());
    assertEquals(1, watcher.sends - sends);
  }

  // Slow readers.

  private static DeepstreamOptions bounds(int inFlight, int inFlightBytes, int pendingBytes) {
    return new DeepstreamOptions(
        "/",
        Duration.ofDays(1),
        1000,
        3,
        Duration.ofDays(1),
        1000,
        inFlight,
        inFlightBytes,
        pendingBytes,
        JsonLimits.DEFAULT,
        DeepstreamOptions.Features.ALL);
  }

  @Test
  void whoDoesNotReadIsClosedAndOthersGetEverything() {
    var small = new DoorHarness(bounds(100, 1 << 20, 500), new OpenAuthenticator(), Guard.OPEN);
    Peer slow = small.client();
    Peer quick = small.client();
    slow.subscribe("r");
    quick.subscribe("r");
    Peer writer = small.client();
    slow.setWritable(false);
    int version = 0;
    while (!slow.closed && version < 100) {
      writer.send(patch("r", ++version, version));
      small.settle();
    }
    assertTrue(slow.closed);
    assertTrue(slow.pendingBytes <= 1000, "bounded: " + slow.pendingBytes);
    assertEquals(1, small.count(Refusal.SLOW));
    assertEquals(patches("r", 1, version), quick.take());
    assertEquals(patches("r", 1, version), slow.take(), "never conflated before the end");
    assertEquals(1, small.subscriptions);
  }

  @Test
  void whoDoesNotTakeItsAnswersIsNotReadUntilItDoes() {
    Peer peer = harness.client();
    harness.client().create("r", "{}");
    peer.setWritable(false);
    assertFalse(peer.reading);
    peer.burst(message(RecordAction.READ, "r"), message(RecordAction.READ, "r"));
    harness.settle();
    assertEquals(List.of(), peer.take());
    peer.setWritable(true);
    assertTrue(peer.reading);
    harness.settle();
    assertEquals(2, peer.take().size());
  }

  @Test
  void onlySoManyCommandsAreUnderWay() {
    var small = new DoorHarness(bounds(3, 1 << 20, 1 << 20), new OpenAuthenticator(), Guard.OPEN);
    Peer peer = small.client();
    RecordMessage[] burst =
        IntStream.range(0, 10)
            .mapToObj(n -> message(RecordAction.HEAD, "r" + n))
            .toArray(RecordMessage[]::new);
    peer.burst(burst);
    assertEquals(3, small.engine.inboxSize());
    assertFalse(peer.reading);
    small.settle();
    assertEquals(
        IntStream.range(0, 10).mapToObj(n -> "HEAD_RESPONSE name=r" + n + " version=-1").toList(),
        peer.take());
    assertTrue(peer.reading);
  }

  @Test
  void onlySoManyBytesAreUnderWay() {
    var small = new DoorHarness(bounds(1000, 500, 1 << 20), new OpenAuthenticator(), Guard.OPEN);
    Peer peer = small.client();
    var large = Json.parse("{\"x\":\"" + "y".repeat(400) + "\"}");
    peer.burst(
        IntStream.range(0, 6)
            .mapToObj(n -> message(RecordAction.CREATEANDUPDATE, "r").data(large).version(-1))
            .toArray(RecordMessage[]::new));
    assertEquals(2, small.engine.inboxSize());
    assertFalse(peer.reading);
    small.settle();
    assertTrue(peer.reading);
    assertEquals(
        List.of("HEAD_RESPONSE name=r version=6"), peer.ask(message(RecordAction.HEAD, "r")));
  }

  @Test
  void aFullEngineHoldsCommandsInOrderAndStopsReading() {
    Peer peer = harness.client();
    harness.inboxOpen = false;
    peer.burst(
        IntStream.rangeClosed(1, 5)
            .mapToObj(n ->
                message(RecordAction.CREATEANDUPDATE, "r")
                    .data(Json.parse("{\"n\":" + n + "}"))
                    .version(-1))
            .toArray(RecordMessage[]::new));
    peer.send(message(RecordAction.READ, "r"));
    harness.settle();
    assertFalse(peer.reading);
    assertEquals(List.of(), peer.take());
    harness.inboxOpen = true;
    harness.settle();
    assertTrue(peer.reading);
    peer.take();
    assertEquals(
        List.of("READ_RESPONSE name=r version=5 data={\"n\":5}"),
        peer.ask(message(RecordAction.READ, "r")));
  }

  @Test
  void aConnectionLostWhileTheEngineIsFullIsStillForgotten() {
    Peer peer = harness.client();
    peer.subscribe("r");
    harness.inboxOpen = false;
    peer.send(patch("r", 1, 1));
    peer.disconnect();
    harness.settle();
    harness.inboxOpen = true;
    harness.settle();
    Peer listener = harness.client();
    assertEquals(List.of("LISTEN name=.* isAck"), listener.ask(message(RecordAction.LISTEN, ".*")));
    assertEquals(
        List.of("HEAD_RESPONSE name=r version=0"),
        listener.ask(message(RecordAction.HEAD, "r")),
        "what was not taken from the lost connection is not done");
  }

  @Test
  void aLoopFarBehindHoldsUpNewCommands() {
    EmbeddedChannel other = harness.anotherLoop();
    Peer watcher = harness.client("7.0.5", other);
    watcher.subscribe("r");
    harness.loops.remove(other); // from here on it does not run
    Peer writer = harness.client();
    RecordMessage write =
        message(RecordAction.CREATEANDPATCH, "r").path("n").data(Json.parse("1")).version(-1);
    RecordMessage[] burst = Collections.nCopies(1000, write).toArray(RecordMessage[]::new);
    for (int n = 0; writer.reading && n < 1000; n++) {
      writer.burst(burst);
      harness.settle();
    }
    assertFalse(writer.reading, "the door holds back");
    harness.loops.add(other);
    harness.settle();
    assertTrue(writer.reading);
    assertEquals(0, harness.backlog);
  }
}
