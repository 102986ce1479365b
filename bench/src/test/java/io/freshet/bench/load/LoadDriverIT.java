// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Every scenario over real sockets against the floor server, in small.
class LoadDriverIT {
  private static final ServerProcess SELF = new ServerProcess(ProcessHandle.current().pid());

  private final FloorServer floor = new FloorServer(0);
  private final Thread serving = new Thread(floor::serve, "floor");
  private final URI url = URI.create("ws://127.0.0.1:" + floor.port() + "/deepstream");

  @BeforeEach
  void start() {
    serving.start();
  }

  @AfterEach
  void stop() throws InterruptedException {
    floor.close();
    serving.join(10_000);
    assertFalse(serving.isAlive());
  }

  @Test
  void countsEveryDeliveryOfAFanOut() {
    var figures =
        figures(
            new FanOut(FanOut.Kind.RECORD, url, SELF, args("--subscribers 20 --window 16")).run());
    assertTrue(figures.get("measured_ops") >= 2000);
    assertTrue(figures.get("latency_p99_us") >= figures.get("latency_p50_us"));
    assertTrue(figures.get("latency_p50_us") > 0);
  }

  @Test
  void countsEveryDeliveryOfAnEvent() {
    var figures =
        figures(
            new FanOut(FanOut.Kind.EVENT, url, SELF, args("--subscribers 20 --window 16")).run());
    assertTrue(figures.get("measured_ops") >= 2000);
    assertTrue(figures.get("latency_p50_us") > 0);
  }

  @Test
  void measuresCallsFromTheirSendingToTheirAnswer() {
    var window = figures(new Calls(url, SELF, args("--clients 3 --window 4")).run());
    assertTrue(window.get("measured_ops") >= 2000);
    assertTrue(window.get("latency_p50_us") > 0);
    var paced = figures(new Calls(url, SELF, args("--clients 2 --rate 2000")).run());
    assertTrue(paced.get("measured_ops") >= 2000);
  }

  @Test
  void keepsOneUpdateOutstandingAtWindowOne() {
    var figures =
        figures(
            new FanOut(FanOut.Kind.RECORD, url, SELF, args("--subscribers 20 --window 1")).run());
    assertTrue(figures.get("measured_ops") >= 2000);
  }

  @Test
  void sendsOnScheduleWhenPaced() {
    var figures =
        figures(
            new FanOut(
                    FanOut.Kind.RECORD, url, SELF, args("--subscribers 20 --window 4 --rate 500"))
                .run());
    assertTrue(figures.get("measured_ops") >= 2000);
  }

  @Test
  void verifiesVersionsAfterWritesAndReads() {
    var writes = RequestReply.Kind.WRITES;
    var own = figures(new RequestReply(writes, url, SELF, args("--clients 4 --window 16")).run());
    assertTrue(own.get("measured_ops") >= 2000);
    var shared = args("--clients 4 --window 16 --shared");
    assertTrue(figures(new RequestReply(writes, url, SELF, shared).run()).get("writes_per_s") > 0);
    var reads = args("--clients 4 --window 16");
    var kind = RequestReply.Kind.READS;
    assertTrue(figures(new RequestReply(kind, url, SELF, reads).run()).get("reads_per_s") > 0);
  }

  @Test
  void patchesDocumentsLargerThanOneRead() {
    var args = args("--clients 1 --window 1 --patch-bytes 20 --doc-bytes 1000000");
    var figures = figures(new RequestReply(RequestReply.Kind.WRITES, url, SELF, args).run());
    assertTrue(figures.get("measured_ops") >= 2000);
  }

  @Test
  void holdsIdleConnectionsThatAnswerHeartbeats() {
    String[] words = "--connections 200 --warmup-connections 20".split(" ", -1);
    var figures = figures(new IdleConnections(url, SELF, new Arguments(words, 0)).run());
    assertTrue(figures.get("connects_per_s") > 0);
  }

  @Test
  void voidsARunWhenSomebodyElseWritesTheRecord() {
    var fanOut = new FanOut(FanOut.Kind.RECORD, url, SELF, args("--subscribers 1 --window 1"));
    var loop = new Loop(url, fanOut);
    loop.close();
    var message = new Message();
    var writer = new MessageWriter().start(Wire.PATCH).text(Wire.NAME, "r").number(Wire.VERSION, 7);
    var out = new OutBuffer();
    writer.appendUnmaskedTo(out, Wire.TOPIC_RECORD);
    message.decode(out.bytes(), 2, out.reserve(0));
    assertEquals(7, message.version());
    assertThrows(LoadException.class, () -> fanOut.message(subscriber(loop), message));
  }

  @Test
  void saysWhatIsWrongWithTheAddress() throws InterruptedException {
    stop();
    var args = args("--clients 1");
    var run = new RequestReply(RequestReply.Kind.READS, url, SELF, args);
    assertTrue(assertThrows(LoadException.class, run::run).getMessage().contains("ws://127.0.0.1"));
  }

  private static Connection subscriber(Loop loop) {
    try (var channel = SocketChannel.open();
        var selector = Selector.open()) {
      channel.configureBlocking(false);
      return new Connection(1, loop, channel, channel.register(selector, 0));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Arguments args(String more) {
    String effort = " --warmup 100 --warmup-seconds 0 --seconds 0 --ops 2000";
    return new Arguments((more + effort).split(" ", -1), 0);
  }

  private static Map<String, Double> figures(Report report) {
    return report
        .lines()
        .lines()
        .map(line -> line.split(" ", -1))
        .collect(Collectors.toMap(pair -> pair[0], pair -> Double.parseDouble(pair[1])));
  }
}
