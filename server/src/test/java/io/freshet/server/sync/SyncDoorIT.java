// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.server.gate.EngineHost;
import io.freshet.server.session.OpenAuthenticator;
import io.freshet.server.session.TrustedProxies;
import io.freshet.server.stream.StreamMeter;
import io.freshet.testkit.Eventually;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The documents' sockets and streams over the network, on two event loops, with the engine on its
/// own thread.
final class SyncDoorIT {
  private final EngineHost host = new EngineHost();
  private final HttpClient http = HttpClient.newHttpClient();
  private InetSocketAddress address;

  @BeforeEach
  void start() {
    SyncOptions options = SyncHarness.OPTIONS;
    var door =
        new SyncDoor(
            options,
            host.commands(),
            new SyncReader(options.limits(), new DocumentIds(new Random(3))),
            new OpenAuthenticator(),
            new TrustedProxies(List.of()),
            EngineHost.connections(),
            SyncMeter.NONE,
            StreamMeter.NONE,
            _ -> null,
            InstantSource.system(),
            System::nanoTime);
    address = host.open(List.of(door), List.of(door.streams()));
  }

  @AfterEach
  void stop() throws InterruptedException {
    host.close();
    http.shutdownNow();
  }

  private String url(String path) {
    return "http://127.0.0.1:%d%s".formatted(address.getPort(), path);
  }

  /// A WebSocket that keeps what it is sent.
  private final class Client implements WebSocket.Listener {
    final ConcurrentLinkedQueue<JsonObject> frames = new ConcurrentLinkedQueue<>();
    private final StringBuilder partial = new StringBuilder();
    private final WebSocket socket;
    volatile int closeCode;

    Client() {
      var uri = URI.create(url("/ws").replace("http", "ws"));
      socket = http.newWebSocketBuilder().buildAsync(uri, this).join();
      await("welcome");
    }

    void say(String frame) {
      socket.sendText(frame.replace('\'', '"'), true).join();
    }

    List<JsonObject> of(String type) {
      return frames.stream().filter(frame -> Look.text(frame, "type").equals(type)).toList();
    }

    void await(String type) {
      Eventually.holds(() -> !of(type).isEmpty());
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      partial.append(data);
      if (last) {
        frames.add((JsonObject) Json.parse(partial.toString()));
        partial.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      closeCode = code;
      return null;
    }
  }

  @Test
  void aStreamOfEventsTellsWhatASocketTells() throws IOException, InterruptedException {
    var client = new Client();
    client.say(
        "{'type':'sync','requestId':'1','op':'create','service':'s','id':'a','data':{'x':1}}");
    client.await("result");
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(url("/api/sync/stream?topic=sync.s.updated&snapshot&returnMode=diff")))
            .build();
    var stream = http.send(request, BodyHandlers.ofLines());
    assertEquals(200, stream.statusCode());
    assertEquals(
        "text/event-stream", stream.headers().firstValue("Content-Type").orElse("").split(";")[0]);
    var lines = new ConcurrentLinkedQueue<String>();
    Thread.ofVirtual().start(() -> stream.body().forEach(lines::add));
    Eventually.holds(() -> lines.stream().anyMatch(line -> line.contains("\"snapshot\"")));
    client.say(
        "{'type':'sync','requestId':'2','op':'merge','service':'s','id':'a','data':{'x':2}}");
    Eventually.holds(() -> lines.stream().anyMatch(line -> line.contains("\"merge\"")));
    List<String> events = List.of(String.join("\n", lines).split("\n\n"));
    assertTrue(
        events.getFirst().startsWith("event: subscribed\ndata: {\"topic\""), events::toString);
    assertTrue(events.get(1).startsWith("event: sync.s.updated\ndata: {"), events::toString);
    String last = events.get(2);
    String id = last.lines().skip(1).findFirst().orElseThrow().substring("id: ".length());
    assertEquals("event: sync.s.updated", last.lines().findFirst().orElseThrow());
    var envelope = Json.parse(last.lines().skip(2).findFirst().orElseThrow().substring(6));
    assertEquals(id, Look.text(envelope, "id"));
    assertEquals(1, Look.number(envelope, "payload", "diff", "changed", "x", "from"));

    client.say(
        "{'type':'sync','requestId':'3','op':'merge','service':'s','id':'a','data':{'x':3}}");
    HttpRequest again =
        HttpRequest.newBuilder(URI.create(url("/api/sync/stream?topic=sync.s.updated")))
            .header("Last-Event-ID", id)
            .build();
    var rest = http.send(again, BodyHandlers.ofLines());
    List<String> missed = rest.body().limit(6).collect(Collectors.toList());
    assertTrue(missed.get(1).contains("\"recovered\":true"), missed::toString);
    assertTrue(missed.get(5).contains("{\"x\":3}"), missed::toString);
    stream.body().close();
  }

  @Test
  void aStreamThatCannotBeIsRefused() throws IOException, InterruptedException {
    for (String query :
        List.of(
            "",
            "?topic=sync.s",
            "?topic=sync.s.updated&retrunMode=full",
            "?topic=%FF",
            "?topic=sync.s.updated&filter=%7B",
            "?topic=sync.s.updated&recover=x")) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(url("/api/sync/stream" + query))).build();
      var answer = http.send(request, BodyHandlers.ofString());
      assertEquals(400, answer.statusCode(), query + answer.body());
    }
  }

  @Test
  void twoHundredWritersOfOneDocumentLoseNothing() {
    int writers = 200;
    int writes = 50;
    var watcher = new Client();
    watcher.say("{'type':'subscribe','topic':'sync.s.updated','returnMode':'both'}");
    watcher.await("subscribed");
    var clients = new ArrayList<Client>();
    for (int i = 0; i < writers; i++) {
      clients.add(new Client());
    }
    clients
        .getFirst()
        .say("{'type':'sync','requestId':'c','op':'create','service':'s','id':'n','data':{'n':0}}");
    clients.getFirst().await("result");
    for (int n = 0; n < writes; n++) {
      for (Client each : clients) {
        each.say(
            "{'type':'sync','requestId':'%d','op':'mutate','service':'s','id':'n','mutations':{'n':{'$inc':1}}}"
                .formatted(n));
      }
      // A watcher that falls far behind would be skipped to the newest state, as it should.
      int sofar = writers * (n + 1) + 1;
      Eventually.holds(() -> watcher.of("event").size() == sofar);
    }
    long revision = 0;
    for (JsonObject frame : watcher.of("event")) {
      assertEquals(++revision, Look.number(frame, "data", "metadata", "revision"));
      assertEquals(revision - 1, Look.number(frame, "data", "metadata", "previousRevision"));
      assertEquals(revision - 1, Look.number(frame, "data", "payload", "data", "n"));
    }
    for (Client each : clients) {
      Eventually.holds(() -> each.of("result").size() >= writes);
      assertEquals(List.of(), each.of("error"));
      each.socket.abort();
    }
    watcher.say("{'type':'sync','requestId':'g','op':'get','service':'s','id':'n'}");
    watcher.await("result");
    JsonObject result = watcher.of("result").getFirst();
    assertEquals(10_000, Look.number(result, "document", "data", "n"));
    assertEquals(10_001, Look.number(result, "document", "revision"));
  }

  @Test
  void everyRevisionHasOneWinner() throws InterruptedException {
    int writers = 50;
    var first = new Client();
    first.say(
        "{'type':'sync','requestId':'c','op':'create','service':'s','id':'w','data':{'won':[]}}");
    first.await("result");
    var winners = new ConcurrentLinkedQueue<Long>();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < writers; i++) {
      int me = i;
      threads.add(Thread.ofVirtual().start(() -> winners.add(win(new Client(), me))));
    }
    for (Thread each : threads) {
      each.join();
    }
    assertEquals(writers, winners.size());
    assertEquals(writers, winners.stream().distinct().count(), "one winner per revision");
    first.say("{'type':'sync','requestId':'g','op':'get','service':'s','id':'w'}");
    Eventually.holds(() -> first.of("result").size() == 2);
    JsonObject document = (JsonObject) first.of("result").getLast().get("document");
    assertEquals(writers + 1, Look.number(document, "revision"));
    assertEquals(
        writers, ((io.freshet.protocol.json.JsonArray) Look.at(document, "data", "won")).size());
  }

  /// Reads, adds itself, replaces, until that was on time.
  private static long win(Client client, int me) {
    while (true) {
      client.frames.clear();
      client.say("{'type':'sync','requestId':'g','op':'get','service':'s','id':'w'}");
      client.await("result");
      JsonObject document = (JsonObject) client.of("result").getFirst().get("document");
      var won = (io.freshet.protocol.json.JsonArray) Look.at(document, "data", "won");
      var data = JsonObject.of("won", won.with(won.size(), Json.parse(Integer.toString(me))));
      client.frames.clear();
      client.say(
          "{'type':'sync','requestId':'r','op':'replace','service':'s','id':'w','data':%s,'expectedRevision':%d}"
              .formatted(data, Look.number(document, "revision")));
      Eventually.holds(() -> !client.of("result").isEmpty() || !client.of("error").isEmpty());
      if (!client.of("result").isEmpty()) {
        client.socket.abort();
        return Look.number(client.of("result").getFirst(), "document", "revision");
      }
      assertEquals("REVISION_CONFLICT", Look.text(client.of("error").getFirst(), "code"));
    }
  }

  @Test
  void aServerThatStopsSaysSo() {
    var client = new Client();
    host.closeSockets();
    Eventually.holds(() -> client.closeCode != 0);
    assertEquals(1012, client.closeCode);
  }
}
