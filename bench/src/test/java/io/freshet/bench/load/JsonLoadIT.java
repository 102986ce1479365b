// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The scenarios of `/ws` and HTTP over real sockets, in small; and that what was not delivered
/// voids a run.
class JsonLoadIT {
  private static final ServerProcess SELF = new ServerProcess(ProcessHandle.current().pid());

  private JsonFloor floor;

  @BeforeEach
  void start() throws IOException {
    floor = new JsonFloor();
  }

  @AfterEach
  void stop() throws IOException {
    floor.close();
  }

  @Test
  void countsAcknowledgedWritesOfEachKind() {
    String[] kinds = {
      "--op merge --clients 3 --window 4",
      "--op mutate --clients 1 --window 1 --doc-bytes 300000",
      "--op increment --clients 5 --window 1 --shared --doc-bytes 120",
      "--op merge --clients 5 --window 2 --shared",
    };
    for (String kind : kinds) {
      Report report = new SyncWrites(floor.url(), SELF, args(kind)).run();
      assertTrue(report.figure("measured_ops") >= 500, kind);
      assertTrue(report.figure("latency_p50_us") > 0, kind);
    }
  }

  @Test
  void countsEveryEventOfAFanOut() {
    Report report = fanOut();
    assertTrue(report.figure("measured_ops") >= 500);
    assertTrue(report.figure("latency_p99_us") >= report.figure("latency_p50_us"));
  }

  @Test
  void voidsAFanOutThatMissesAnEvent() {
    floor.loseAfter(333);
    assertThrows(LoadException.class, this::fanOut);
  }

  private Report fanOut() {
    return new SyncFanOut(floor.url(), SELF, args("--subscribers 10 --window 8"), "full").run();
  }

  @Test
  void comparesDifferencesWithDocuments() {
    String[] words =
        ("sync-diff --url x --pid 1 --subscribers 2 --window 4 " + EFFORT).split(" ", -1);
    Report report = new SyncDiff(floor.url(), SELF, words).run();
    double full = report.figure("full_cpu_s_per_million");
    assertEquals(report.figure("diff_cpu_s_per_million") / full, report.figure("diff_over_full"));
  }

  @Test
  void replaysAStreamAgainAndAgain() {
    Report report = replay();
    assertTrue(report.figure("measured_ops") >= 500);
    assertTrue(report.figure("first_replay_events_per_s") > 0);
  }

  @Test
  void voidsAReplayThatIsNotOfTheWholeLog() {
    floor.loseAfter(0);
    assertThrows(LoadException.class, this::replay);
  }

  private Report replay() {
    return new StreamReplay(floor.url(), SELF, args("--changes 1500 --ack-every 100")).run();
  }

  @Test
  void countsWhatLiveSubscribersWant() {
    for (String match : new String[] {"one", "all"}) {
      assertTrue(streamFanOut(match).figure("measured_ops") >= 500, match);
    }
  }

  @Test
  void voidsALiveStreamThatMissesAChange() {
    floor.loseAfter(222);
    assertThrows(LoadException.class, () -> streamFanOut("one"));
  }

  private Report streamFanOut(String match) {
    var args = args("--subscribers 20 --window 8 --match " + match);
    return new StreamFanOut(floor.url(), SELF, args).run();
  }

  @Test
  void measuresHowLongAChangeTakes() {
    Report report = new StreamLatency(floor.url(), SELF, args("--rate 1000")).run();
    assertTrue(report.figure("measured_ops") >= 500);
    assertTrue(report.figure("latency_p50_us") > 0);
    assertTrue(report.figure("result_p50_us") > 0);
  }

  @Test
  void measuresCallsBesideTheDisk(@TempDir Path directory) throws IOException {
    var revision = new AtomicInteger();
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.createContext(
        "/api/sync/bench/documents",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          String method = exchange.getRequestMethod();
          int now = method.equals("GET") ? revision.get() : revision.incrementAndGet();
          byte[] answer = ("{\"revision\":" + now + ",\"data\":{}}").getBytes(UTF_8);
          exchange.sendResponseHeaders(method.equals("POST") ? 201 : 200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    try {
      URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
      var args = args("--appends 20 --data " + directory);
      Report report = new HttpWrites(url, SELF, args).run();
      assertTrue(report.figure("measured_ops") >= 500);
      double over = report.figure("latency_p50_us") - report.figure("fdatasync_p50_us");
      assertEquals(over, report.figure("over_fdatasync_us"));
    } finally {
      server.stop(0);
    }
  }

  private static final String EFFORT = "--warmup 100 --warmup-seconds 0 --seconds 0 --ops 500";

  private static Arguments args(String more) {
    return new Arguments((more + " " + EFFORT).split(" ", -1), 0);
  }
}
