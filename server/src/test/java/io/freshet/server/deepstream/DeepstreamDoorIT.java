// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import static io.freshet.server.deepstream.DoorHarness.message;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.protocol.json.Json;
import io.freshet.server.deepstream.wire.DecodedFrames;
import io.freshet.server.deepstream.wire.FrameWriter;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import io.freshet.server.gate.EngineHost;
import io.freshet.server.session.OpenAuthenticator;
import io.freshet.server.session.TrustedProxies;
import io.freshet.testkit.Eventually;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The door over real sockets, on two event loops, with the engine on its own thread.
class DeepstreamDoorIT {
  private final EngineHost host = new EngineHost();
  private final HttpClient http = HttpClient.newHttpClient();
  private InetSocketAddress address;

  @BeforeEach
  void start() {
    var door =
        new DeepstreamDoor(
            DeepstreamOptions.DEFAULT,
            host.commands(),
            new OpenAuthenticator(),
            new TrustedProxies(List.of()),
            EngineHost.connections(),
            DeepstreamMeter.NONE,
            System::nanoTime);
    address = host.open(List.of(door), List.of());
  }

  @AfterEach
  void stop() throws InterruptedException {
    host.close();
    http.shutdownNow();
  }

  private static RecordMessage subscribe(String name) {
    return RecordMessage.of(RecordAction.SUBSCRIBECREATEANDREAD)
        .names(List.of(name))
        .correlationId("s");
  }

  private static RecordMessage ackedPatch(int writer, int n) {
    return message(RecordAction.CREATEANDPATCH, "shared")
        .path("w" + writer)
        .data(Json.parse(Integer.toString(n)))
        .version(-1)
        .correlationId(Integer.toString(n))
        .writeAck(true);
  }

  @Test
  void manyWritersAndWatchersSeeOneHistory() {
    int writers = 4;
    int writes = 500;
    var models = new ArrayList<SocketClient>();
    for (int i = 0; i < 6; i++) {
      var watcher = SocketClient.loggedIn(http, address);
      watcher.send(subscribe("shared"));
      watcher.await(text -> text.startsWith("READ_RESPONSE name=shared"));
      models.add(watcher);
    }
    var clients = new ArrayList<SocketClient>();
    for (int w = 0; w < writers; w++) {
      clients.add(SocketClient.loggedIn(http, address));
    }
    for (int n = 1; n <= writes; n++) {
      for (int w = 0; w < writers; w++) {
        clients.get(w).send(ackedPatch(w, n));
      }
    }
    for (SocketClient client : clients) {
      client.await(
          ("WRITE_ACKNOWLEDGEMENT name=shared correlationId=" + writes + " isWriteAck")::equals);
      assertEquals(
          writes,
          client.records().stream()
              .filter(each -> each.actionNumber() == RecordAction.WRITE_ACKNOWLEDGEMENT.number())
              .count());
    }
    String last = " version=" + writers * writes + " ";
    for (SocketClient watcher : models) {
      watcher.await(text -> text.contains(last));
      var model = new ModelClient();
      watcher.records().forEach(model::take);
      assertEquals(Json.parse("{\"w0\":500,\"w1\":500,\"w2\":500,\"w3\":500}"), model.data);
      watcher.close();
    }
    clients.forEach(SocketClient::close);
  }

  @Test
  void aConnectionBrokenOffIsForgotten() {
    var watcher = SocketClient.loggedIn(http, address);
    watcher.send(subscribe("x/1"));
    watcher.await(text -> text.startsWith("READ_RESPONSE"));
    var provider = SocketClient.loggedIn(http, address);
    provider.send(message(RecordAction.LISTEN, "^x/"));
    provider.await("SUBSCRIPTION_FOR_PATTERN_FOUND name=^x/ subscription=x/1"::equals);
    provider.send(message(RecordAction.LISTEN_ACCEPT, "^x/").subscription("x/1"));
    watcher.await("SUBSCRIPTION_HAS_PROVIDER name=x/1"::equals);
    watcher.close();
    provider.await("SUBSCRIPTION_FOR_PATTERN_REMOVED name=^x/ subscription=x/1"::equals);
    provider.close();
  }

  @ParameterizedTest
  @MethodSource("io.freshet.testkit.Seeds#all")
  void mutatedFramesHarmNobodyElse(long seed) {
    var random = new Random(seed);
    var steady = SocketClient.loggedIn(http, address);
    steady.send(subscribe("steady"));
    steady.await(text -> text.startsWith("READ_RESPONSE"));
    byte[][] originals = originals();
    SocketClient hostile = SocketClient.loggedIn(http, address);
    for (int round = 0; round < 3000; round++) {
      if (hostile.isClosed()) {
        hostile = new SocketClient(http, address);
      }
      byte[] original = originals[random.nextInt(originals.length)];
      byte[] mutated = Arrays.copyOf(original, 1 + random.nextInt(original.length + 4));
      for (int n = random.nextInt(3); n >= 0; n--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
      }
      hostile.send(random.nextInt(4) == 0 ? original : mutated);
    }
    hostile.close();
    steady.send(
        message(RecordAction.CREATEANDUPDATE, "steady")
            .data(Json.parse("{\"still\":\"here\"}"))
            .version(-1)
            .correlationId("end")
            .writeAck(true));
    steady.await("WRITE_ACKNOWLEDGEMENT name=steady correlationId=end isWriteAck"::equals);
    Eventually.holds(() -> host.engine().inboxSize() == 0);
    steady.close();
  }

  private static byte[][] originals() {
    var out = new FrameWriter();
    var all = new ArrayList<byte[]>();
    for (RecordAction action : RecordAction.values()) {
      RecordMessage.of(action)
          .name("fuzz/" + action)
          .names(List.of("fuzz/a", "fuzz/b"))
          .path("a.b[1]")
          .data(Json.parse("[{\"path\":\"a\",\"data\":{\"b\":[1,2]}}]"))
          .subscription("fuzz/a")
          .correlationId("1")
          .writeAck(true)
          .version(1)
          .writeTo(out);
      all.add(DecodedFrames.payload(out));
    }
    return all.toArray(byte[][]::new);
  }
}
