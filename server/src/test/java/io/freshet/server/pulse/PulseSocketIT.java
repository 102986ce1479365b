// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.server.net.RawClient;
import io.freshet.server.pulse.PulseHost.Setting;
import io.freshet.server.stream.StreamBounds;
import io.freshet.testkit.Eventually;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What becomes of clients that have been let in, over real sockets.
final class PulseSocketIT {
  private static final int PING = 0x89;
  private static final int PONG = 0xA;
  private static final int CLOSE = 0x8;
  private static final byte[] NOTHING = {};
  private static final int WINDOW = StreamBounds.DEFAULT.windowEvents();

  private final PulseHost host = new PulseHost(Setting.OPEN);

  @AfterEach
  void stop() throws InterruptedException {
    host.close();
  }

  // One client of a name.

  @Test
  void aSecondClientIsRefusedWhenTheFirstGivesASign() throws IOException {
    try (RawClient first = host.stream("s");
        RawClient second = host.connect()) {
      second.sendUpgrade("/stream", PulseHost.headers("", "s"));
      assertEquals(PulseHost.PING, first.read().opcode());
      first.raw(RawClient.frame(0x8A, NOTHING));
      RawClient.Answer answer = second.readAnswer();
      assertEquals(409, answer.status());
      assertTrue(answer.body().contains("\"P6100\""), answer::body);
      assertTrue(answer.body().contains("has a client"), answer::body);
      assertTrue(host.timers.isEmpty());
      host.write(0, 1);
      assertEquals(1, PulseHost.events(first, 1).size());
    }
    assertTrue(host.ends.isEmpty());
  }

  /// Whatever comes is a sign: an acknowledgement, or a ping of its own.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aClientThatIsBusyKeepsItsName(boolean byPing) throws IOException {
    try (RawClient first = host.stream("s");
        RawClient second = host.connect()) {
      host.write(0, 1);
      String id = PulseHost.events(first, 1).getFirst();
      second.sendUpgrade("/stream", PulseHost.headers("", "s"));
      assertEquals(PulseHost.PING, first.read().opcode());
      if (byPing) {
        first.raw(RawClient.frame(PING, NOTHING));
      } else {
        PulseHost.acknowledge(first, id);
      }
      assertEquals(409, second.readAnswer().status());
    }
  }

  @Test
  void aSilentClientLosesItsNameToTheSecond() throws IOException {
    host.write(0, 1);
    try (RawClient silent = host.stream("s");
        RawClient second = host.connect()) {
      host.write(1, 3);
      List<String> sent = PulseHost.events(silent, 2);
      PulseHost.acknowledge(silent, sent.getFirst());
      Eventually.holds(() -> host.place("s").equals(sent.getFirst()));
      second.sendUpgrade("/stream", PulseHost.headers("", "s"));
      assertEquals(PulseHost.PING, silent.read().opcode());
      assertEquals(1, host.timers.size(), "its time is not over yet");
      host.passTheTimeForASign();
      assertEquals(101, second.readAnswer().status());
      assertEquals(sent.subList(1, 2), PulseHost.events(second, 1), "what was not acknowledged");
      assertEquals(1008, silent.awaitClose());
      assertEquals(List.of(PulseMeter.Ended.STREAM), List.copyOf(host.ends));
      PulseHost.acknowledge(second, sent.getLast());
      Eventually.holds(() -> host.place("s").equals(sent.getLast()));
      assertEquals(1, host.open());
    }
  }

  /// What it still acknowledges comes to a server that has given its name away.
  @Test
  void anEvictedClientMovesNothingAnyMore() throws IOException {
    try (RawClient silent = host.stream("s");
        RawClient second = host.connect()) {
      host.write(0, 3);
      List<String> sent = PulseHost.events(silent, 3);
      String before = host.place("s");
      second.sendUpgrade("/stream", PulseHost.headers("", "s"));
      host.passTheTimeForASign();
      assertEquals(101, second.readAnswer().status());
      RawClient.Frame frame = silent.read();
      while (frame.opcode() != CLOSE) {
        frame = silent.read();
      }
      assertTrue(frame.text().contains("NAME_IN_USE"), frame::text);
      for (String id : sent) {
        sayToAClosedSocket(silent, id);
      }
      assertEquals(sent, PulseHost.events(second, 3));
      host.write(3, 4);
      PulseHost.events(second, 1);
      assertEquals(before, host.place("s"));
    }
  }

  private static void sayToAClosedSocket(RawClient client, String id) {
    try {
      PulseHost.acknowledge(client, id);
    } catch (IOException _) {
      // closed meanwhile
    }
  }

  // Pongs.

  /// A client waits a second for its pong. Before the pong there is at most a window, however much
  /// there is to be sent: whoever takes that in a second has it in time.
  @Test
  void aPongWaitsForNoMoreThanAWindow() throws IOException {
    int events = 5_000;
    try (RawClient client = host.stream("s")) {
      Thread writing = Thread.ofVirtual().start(() -> host.write(0, events));
      int received = 0;
      int pongs = 0;
      while (received < events) {
        received++;
        PulseHost.acknowledge(client, PulseHost.events(client, 1).getFirst());
        if (received % 500 == 0) {
          client.raw(RawClient.frame(PING, new byte[] {7}));
          List<String> before = untilPong(client);
          assertTrue(before.size() <= WINDOW, () -> before.size() + " events before the pong");
          received += before.size();
          pongs++;
          if (!before.isEmpty()) {
            PulseHost.acknowledge(client, before.getLast());
          }
        }
      }
      assertTrue(pongs >= 5, "pings were answered: " + pongs);
      Eventually.holds(() -> !writing.isAlive());
    }
  }

  private static List<String> untilPong(RawClient client) throws IOException {
    var events = new ArrayList<String>();
    for (RawClient.Frame frame = client.read(); frame.opcode() != PONG; frame = client.read()) {
      events.add(frame.text());
    }
    return events.stream().map(PulseSocketIT::idOf).toList();
  }

  private static String idOf(String event) {
    return event.substring(7, 33);
  }

  /// Without a name nothing is acknowledged. What waits for it is bounded by the server's queue and
  /// the sockets' buffers, not by how much there is.
  @ParameterizedTest
  @ValueSource(strings = {"/stream", "/subscribe"})
  void aPongWaitsForWhatIsQueuedAndNotForWhatIsWritten(String path) throws IOException {
    int bytes = 16 << 10;
    int events = 2_000;
    String data = "{\"name\":\"" + "x".repeat(bytes) + "\"}";
    try (RawClient client = host.connect(16 << 10)) {
      assertEquals(101, client.upgrade(path, PulseHost.headers("", null)).status());
      for (int i = 0; i < events; i++) {
        host.write(i, data);
      }
      client.raw(RawClient.frame(PING, NOTHING));
      int before = untilPong(client).size();
      assertTrue(before < events / 2, () -> before + " of " + events + " before the pong");
      assertTrue(host.ends.isEmpty(), "it was not closed for its slowness");
    }
  }

  // Acknowledgements.

  @Test
  void acknowledgementsOfAnEarlierSocketCount() throws IOException {
    List<String> sent;
    try (RawClient first = host.stream("s")) {
      host.write(0, 4);
      sent = PulseHost.events(first, 4);
    }
    Eventually.holds(() -> host.open() == 0);
    try (RawClient second = host.stream("s")) {
      PulseHost.acknowledge(second, sent.get(2));
      Eventually.holds(() -> host.place("s").equals(sent.get(2)));
      // Older ones, of either socket, and those of nobody change nothing.
      PulseHost.acknowledge(second, sent.getFirst());
      PulseHost.acknowledge(second, "01ARZ3NDEKTSV4RRFFQ69G5FAV");
      host.write(4, 5);
    }
    Eventually.holds(() -> host.open() == 0);
    assertEquals(sent.get(2), host.place("s"));
    try (RawClient third = host.stream("s")) {
      List<String> rest = PulseHost.events(third, 2);
      assertEquals(sent.get(3), rest.getFirst());
      PulseHost.acknowledge(third, rest.getLast());
      Eventually.holds(() -> host.place("s").equals(rest.getLast()));
    }
  }

  @Test
  void anEventThatWasNeverSentCannotBeAcknowledged() throws IOException {
    List<String> ids;
    try (RawClient watcher = host.stream(null)) {
      try (RawClient client = host.stream("s")) {
        host.write(0, WINDOW + 10);
        ids = PulseHost.events(watcher, WINDOW + 10);
        PulseHost.events(client, WINDOW);
        PulseHost.acknowledge(client, ids.getLast());
        PulseHost.acknowledge(client, ids.get(4));
        assertEquals(ids.subList(WINDOW, WINDOW + 5), PulseHost.events(client, 5));
        Eventually.holds(() -> host.place("s").equals(ids.get(4)));
      }
    }
  }

  @Test
  void whatIsNoAcknowledgementIsCountedAndNothingElse() throws IOException {
    try (RawClient client = host.stream("s")) {
      client.text("");
      client.text("{\"type\":\"ack\",\"id\":\"" + "x".repeat(2_000) + "\"}");
      client.binary(new byte[] {1, 2, 3});
      client.text("[".repeat(900));
      host.write(0, 1);
      String id = PulseHost.events(client, 1).getFirst();
      PulseHost.acknowledge(client, id);
      Eventually.holds(() -> host.place("s").equals(id));
      assertEquals(4, host.ignored.get());
    }
    assertFalse(host.ends.contains(PulseMeter.Ended.STREAM));
  }

  @Test
  void aServerThatStopsSaysThatItWillBeBack() throws IOException {
    try (RawClient client = host.stream("s")) {
      Thread stopping = Thread.ofVirtual().start(host::closeSockets);
      assertEquals(1012, client.awaitClose());
      Eventually.holds(() -> !stopping.isAlive());
    }
    Eventually.holds(() -> host.open() == 0);
  }
}
