// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static io.freshet.client.FreshetClient.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.Change;
import io.freshet.client.ChangeStream;
import io.freshet.client.ConnectionState;
import io.freshet.client.Document;
import io.freshet.client.FreshetClient;
import io.freshet.client.FreshetClientException;
import io.freshet.client.LiveRecord;
import io.freshet.client.StreamOptions;
import io.freshet.client.TopicEvent;
import io.freshet.client.TopicOptions;
import io.freshet.client.WhenFull;
import io.freshet.testkit.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The Java client's connection: falls, returns, ends.
@Timeout(180)
class JavaClientConnectionE2E {
  private static final int ROUNDS =
      Integer.parseInt(System.getenv().getOrDefault("FRESHET_ROUNDS", "1"));

  /// Of the server that stays up.
  @TempDir static Path shared;

  /// Of those that are killed.
  @TempDir Path folder;

  private static RunningServer steady;

  @BeforeAll
  static void start() throws Exception {
    steady = RunningServer.start(shared);
  }

  @AfterAll
  static void stop() throws Exception {
    steady.close();
  }

  private static String url() {
    return "ws://" + steady.address();
  }

  private static FreshetClient.Builder patient(RunningServer server) {
    return patient(server.address());
  }

  private static FreshetClient.Builder patient(String address) {
    return FreshetClient.builder("ws://" + address)
        .reconnectionAttempts(Integer.MAX_VALUE)
        .reconnectionDelay(Duration.ofMillis(20), Duration.ofMillis(200))
        .requestTimeout(Duration.ofMinutes(1));
  }

  @Test
  void losesNothingWhenTheServerIsKilledUnderLoad() throws Exception {
    RunningServer server = RunningServer.start(folder);
    int port = server.port();
    try (FreshetClient writer = patient(server).build();
        FreshetClient reader = patient(server).build()) {
      var streamed = new ConcurrentLinkedQueue<String>();
      var told = new ConcurrentLinkedQueue<String>();
      ChangeStream<Map<String, Object>> stream =
          reader.changes("load").stream(StreamOptions.named("load"));
      await(stream.ready());
      CompletableFuture<Void> unused =
          stream.each(change -> streamed.add(change.place().documentId()));
      await(
          reader
              .subscribe(TopicOptions.updated("load"), event -> told.add(event.documentId()))
              .ready());
      var written = new ArrayList<CompletableFuture<Document<Map<String, Object>>>>();
      for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < 500; i++) {
          written.add(writer.sync().create("load", Map.of("n", i), "d" + written.size()));
        }
        var last = written.get(written.size() - 400);
        Eventually.holds(last::isDone);
        server.kill();
        server = RunningServer.start(folder, port);
      }
      List<String> ids = new ArrayList<>();
      for (var each : written) {
        ids.add(await(each).id());
      }
      Eventually.holds(() -> streamed.size() >= ids.size() && told.size() >= ids.size());
      assertEquals(ids, List.copyOf(streamed));
      assertEquals(ids, List.copyOf(told));
      await(stream.stop());
    } finally {
      server.close();
    }
  }

  @Test
  void recordsGoOnWhenTheServerIsKilledUnderLoad() throws Exception {
    RunningServer server = RunningServer.start(folder);
    int port = server.port();
    try (FreshetClient writer = patient(server).build();
        FreshetClient reader = patient(server).build()) {
      LiveRecord mine = await(writer.records().getRecord("load/r").whenReady());
      LiveRecord theirs = await(reader.records().getRecord("load/r").whenReady());
      CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
      for (int round = 0; round < ROUNDS; round++) {
        CompletableFuture<Void> early = last;
        for (int i = 0; i < 300; i++) {
          last = mine.set("n" + round, i);
          early = i == 50 ? last : early;
        }
        await(early);
        server.kill();
        server = RunningServer.start(folder, port);
      }
      await(last);
      var written = new HashMap<String, Object>();
      for (int round = 0; round < ROUNDS; round++) {
        written.put("n" + round, 299L);
      }
      assertEquals(written, mine.get());
      Eventually.holds(() -> theirs.get().equals(mine.get()));
      assertEquals(300L * ROUNDS, mine.version());
      assertEquals(300L * ROUNDS, await(reader.records().head("load/r")));
    } finally {
      server.close();
    }
  }

  @Test
  void leavesNoThreadBehind() throws Exception {
    try (var program = JavaProgram.start(folder.resolve("said"), ClosedClients.class, url())) {
      assertEquals(0, program.exitCode(), program::said);
    }
  }

  @Test
  void endsLoopsAndOperationsWhenItIsClosed() throws Exception {
    try (FreshetClient client = FreshetClient.connect(url())) {
      await(client.connect());
      assertEquals(ConnectionState.CONNECTED, client.state());
      var seen = new AtomicInteger();
      var loop = new CompletableFuture<Void>();
      ChangeStream<Map<String, Object>> stream = client.changes("x").stream();
      await(stream.ready());
      Thread.startVirtualThread(() -> {
        for (Change<Map<String, Object>> each : stream) {
          seen.incrementAndGet();
        }
        loop.complete(null);
      });
      client.close();
      assertEquals(ConnectionState.DISCONNECTED, client.state());
      assertEquals(
          "UNAVAILABLE",
          assertThrows(
                  FreshetClientException.class, () -> await(client.sync().create("x", Map.of())))
              .code());
      loop.get();
      assertEquals(0, seen.get());
      assertThrows(FreshetClientException.class, () -> client.changes("x").stream());
      assertThrows(FreshetClientException.class, () -> client.records().getRecord("x/y"));
    }
  }

  @Test
  void boundsWhatWaitsForAConnection() throws Exception {
    try (FreshetClient client =
        FreshetClient.builder(url()).pending(3, WhenFull.FAIL).buildOffline()) {
      FreshetClientException offline =
          assertThrows(
              FreshetClientException.class, () -> await(client.sync().create("x", Map.of())));
      assertEquals("UNAVAILABLE", offline.code());
      CompletableFuture<Void> connected = client.connect();
      var sent = new ArrayList<CompletableFuture<Document<Map<String, Object>>>>();
      for (int i = 0; i < 20; i++) {
        sent.add(client.sync().create("x", Map.of("n", i)));
      }
      await(connected);
      var codes = new ArrayList<String>();
      for (var each : sent) {
        try {
          await(each);
        } catch (FreshetClientException e) {
          codes.add(e.code());
        }
      }
      assertTrue(codes.stream().allMatch("OVERLOADED"::equals), codes.toString());
      assertTrue(codes.size() >= 10, codes.toString());
    }
    try (FreshetClient client = FreshetClient.builder(url()).pending(3, WhenFull.WAIT).build()) {
      var sent = new ArrayList<CompletableFuture<Document<Map<String, Object>>>>();
      for (int i = 0; i < 200; i++) {
        sent.add(client.sync().create("y", Map.of("n", i)));
      }
      sent.forEach(FreshetClient::await);
    }
  }

  @Test
  void aSlowListenerHoldsTheServerBackAndMissesNothing() throws Exception {
    try (FreshetClient writer = FreshetClient.connect(url());
        FreshetClient reader = FreshetClient.builder(url()).waitingCallbacks(4).build()) {
      var gate = new CompletableFuture<Void>();
      var told = new ConcurrentLinkedQueue<Long>();
      await(
          reader
              .subscribe(
                  TopicOptions.updated("slow"),
                  (TopicEvent<Map<String, Object>> event) -> {
                    gate.join();
                    told.add(event.revision());
                  })
              .ready());
      await(writer.sync().create("slow", Map.of("n", 0), "d"));
      var written = new ArrayList<CompletableFuture<Document<Map<String, Object>>>>();
      for (int i = 1; i < 300; i++) {
        written.add(writer.sync().merge("slow", "d", Map.of("n", i)));
      }
      written.forEach(FreshetClient::await);
      gate.complete(null);
      Eventually.holds(() -> told.size() == 300);
    }
  }

  @Test
  void whatWasDoneAndNotAnsweredIsDoneOnce() throws Exception {
    try (var relay = new MutedRelay(steady.port());
        FreshetClient near = FreshetClient.connect(url());
        FreshetClient far = patient("127.0.0.1:" + relay.port()).build()) {
      LiveRecord live = await(far.records().getRecord("lost/live").whenReady());
      await(near.records().setData("lost/deleted", Map.of("n", 1)));
      await(near.records().setData("lost/erased", Map.of("n", 1, "m", 1)));
      relay.mute();
      var answers =
          List.of(
              far.records().setData("lost/whole", Map.of("n", 1)),
              far.records().setData("lost/part", "n", 1),
              far.records().erase("lost/erased", "m"),
              live.set("n", 1),
              far.sync().create("lost", Map.of("n", 1), "document").thenApply(made -> (Void) null));
      CompletableFuture<Void> deletion = far.records().getRecord("lost/deleted").delete();
      for (String name : List.of("whole", "part", "live", "document")) {
        Eventually.holds(() -> await(near.records().head("lost/" + name)) == 1);
      }
      Eventually.holds(() -> await(near.records().head("lost/erased")) == 2);
      Eventually.holds(() -> !await(near.records().has("lost/deleted")));
      // Somebody else goes on from there: what is sent once more must not undo that.
      await(near.records().setData("lost/whole", Map.of("n", 2)));
      await(near.records().setData("lost/part", "n", 2));
      await(near.records().setData("lost/deleted", Map.of("life", 2)));
      relay.cut();
      answers.forEach(FreshetClient::await);
      await(deletion);
      assertEquals(Map.of("n", 2L), await(near.records().snapshot("lost/whole")));
      assertEquals(Map.of("n", 2L), await(near.records().snapshot("lost/part")));
      assertEquals(Map.of("life", 2L), await(near.records().snapshot("lost/deleted")));
      assertEquals(2L, await(near.records().head("lost/erased")));
      assertEquals(1L, await(near.records().head("lost/live")));
      assertEquals(1, await(near.sync().get("lost", "document")).revision());
    }
  }

  @Test
  void noticesAServerThatHasFallenSilentByItself(@TempDir Path folder) throws Exception {
    Path config = folder.resolve("freshet.yml");
    Files.writeString(config, "deepstream: { heartbeatInterval: 500ms }");
    try (RunningServer server = RunningServer.start(folder, 0, "--config", config.toString());
        var relay = new MutedRelay(server.port());
        FreshetClient client = patient("127.0.0.1:" + relay.port()).build()) {
      await(client.sync().create("silence", Map.of("n", 1), "before"));
      relay.mute();
      await(client.sync().create("silence", Map.of("n", 2), "after"));
      assertEquals(1, await(client.sync().get("silence", "after")).revision());
    }
  }

  @Test
  void givesUpWhenNobodyIsThere() {
    try (FreshetClient client =
        FreshetClient.builder("ws://127.0.0.1:1").reconnectionAttempts(0).buildOffline()) {
      FreshetClientException why =
          assertThrows(FreshetClientException.class, () -> await(client.connect()));
      assertEquals("UNAVAILABLE", why.code());
      assertEquals(ConnectionState.DISCONNECTED, client.state());
    }
  }
}
