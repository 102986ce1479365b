// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static io.freshet.bundle.WireMessage.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.testkit.Eventually;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Too much of everything, thrown at the packaged server while a [Witness] works on it. Each test
/// is an attack on memory that the server's bounds have to meet; the heap is 256 MB, and so is the
/// memory of the sockets.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FloodE2E {
  private static final int SUBSCRIPTIONS_MAX = 100_000;
  private static final int MEMBERS = 50_000;
  private static final long LIVE_HEAP_BYTES_MAX = 160L << 20;

  private AttackedServer server;

  @BeforeAll
  void start(@TempDir java.nio.file.Path directory) throws Exception {
    server = new AttackedServer(directory, "--durability=os");
  }

  @AfterEach
  void unharmed() throws Exception {
    server.assertUnharmed();
  }

  @AfterAll
  void stop() throws Exception {
    server.close();
  }

  @Test
  void aMillionSubscriptionsOnOneSocket() throws Exception {
    int asked = 1_000_000;
    int perMessage = 10_000;
    try (RawSocket socket = RawSocket.loggedIn(server.url())) {
      Thread sender = Thread.startVirtualThread(() -> subscribe(socket, asked, perMessage));
      int watched = 0;
      int refused = 0;
      while (watched + refused < asked) {
        WireMessage message = socket.await(each -> true);
        if (message.isRecord(WireMessage.READ_RESPONSE)) {
          watched++;
        } else if (message.isRecord(WireMessage.MESSAGE_DENIED)) {
          assertTrue(message.text(WireMessage.DATA).contains("LIMIT_REACHED"), message::toString);
          assertTrue(message.text(WireMessage.NAME).startsWith("storm/"), message::toString);
          refused++;
        }
      }
      sender.join();
      assertEquals(SUBSCRIPTIONS_MAX, watched);
      assertEquals(asked - SUBSCRIPTIONS_MAX, refused);
      socket.send(record(WireMessage.HEAD).named("storm/0"));
      assertEquals(
          0, socket.await(m -> m.isRecord(WireMessage.HEAD_RESPONSE)).number(WireMessage.VERSION));
      assertTrue(server.liveHeapBytes() < LIVE_HEAP_BYTES_MAX);
    }
    awaitMetric("freshet_subscriptions", 1);
  }

  private static void subscribe(RawSocket socket, int names, int perMessage) {
    try {
      for (int from = 0; from < names; from += perMessage) {
        WireMessage.Draft draft = record(WireMessage.SUBSCRIBECREATEANDREAD);
        for (int i = from; i < from + perMessage; i++) {
          draft.text(WireMessage.NAMES, "storm/" + i);
        }
        socket.send(draft);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void awaitMetric(String series, double expected) {
    Eventually.holds(() -> {
      try {
        return server.metric(series) == expected;
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    });
  }

  /// Half a million names that cannot be: each has its refusal, which is fifty times as long.
  @Test
  void asManyBadNamesAsFitInAMessage() throws Exception {
    WireMessage.Draft draft = record(WireMessage.SUBSCRIBECREATEANDREAD);
    for (int i = 0; i < 500_000; i++) {
      draft.text(WireMessage.NAMES, "");
    }
    for (int i = 0; i < 5; i++) {
      try (RawSocket socket = RawSocket.loggedIn(server.url())) {
        socket.send(draft);
        socket.awaitClose();
      }
    }
  }

  @Test
  void aClientThatNeverReads() throws Exception {
    String name = "slow/one";
    double closedBefore = slowlyRead();
    try (RawSocket stuck = RawSocket.slow(server.url());
        RawSocket reader = RawSocket.loggedIn(server.url());
        RawSocket writer = RawSocket.loggedIn(server.url())) {
      for (RawSocket each : List.of(stuck, reader)) {
        each.send(record(WireMessage.SUBSCRIBECREATEANDREAD).text(WireMessage.NAMES, name));
      }
      reader.await(message -> message.isRecord(WireMessage.READ_RESPONSE));
      String document = "{\"text\":\"" + "x".repeat(100_000) + "\"}";
      for (int version = 1; version <= 1000 && slowlyRead() == closedBefore; version++) {
        writer.send(write(name, document).acknowledged("w"));
        writer.await(message -> message.isRecord(WireMessage.WRITE_ACKNOWLEDGEMENT));
        WireMessage seen = reader.await(message -> message.isRecord(WireMessage.UPDATE));
        assertEquals(version, seen.number(WireMessage.VERSION));
      }
      assertEquals(closedBefore + 1, slowlyRead(), "cut off");
    }
  }

  private double slowlyRead() throws Exception {
    return server.metric("freshet_connections_refused_total{reason=\"slow\"")
        + server.metric("freshet_messages_refused_total{door=\"/deepstream\",reason=\"slow\"");
  }

  private static WireMessage.Draft write(String name, String document) {
    return record(WireMessage.CREATEANDUPDATE)
        .text(WireMessage.DATA, document)
        .named(name)
        .number(WireMessage.VERSION, -1);
  }

  /// Each within its own bound, all together far beyond what there is.
  @Test
  void manyClientsThatNeverRead() throws Exception {
    var stuck = new ArrayList<RawSocket>();
    try (RawSocket writer = RawSocket.loggedIn(server.url())) {
      writer.send(
          write("slow/large", "{\"text\":\"" + "x".repeat(1_000_000) + "\"}").acknowledged("w"));
      writer.await(message -> message.isRecord(WireMessage.WRITE_ACKNOWLEDGEMENT));
      for (int i = 0; i < 100; i++) {
        RawSocket socket = RawSocket.slow(server.url());
        stuck.add(socket);
        for (int n = 0; n < 7; n++) {
          socket.send(record(WireMessage.READ).named("slow/large"));
        }
      }
      server.assertUnharmed();
    } finally {
      stuck.forEach(RawSocket::close);
    }
  }

  /// Messages that begin and do not end, from clients that have not even logged in.
  @Test
  void manyHalfMessages() throws Exception {
    byte[] header = RawSocket.header(RawSocket.BINARY, 1_050_000);
    byte[] most = new byte[1_000_000];
    var halves = new ArrayList<RawSocket>();
    try {
      for (int i = 0; i < 400; i++) {
        RawSocket socket = RawSocket.upgraded(server.url());
        halves.add(socket);
        try {
          socket.sendRaw(header);
          socket.sendRaw(most);
        } catch (IOException e) {
          // The server has ended it, as it may.
        }
      }
      server.assertUnharmed();
    } finally {
      halves.forEach(RawSocket::close);
    }
  }

  /// A multi-patch of one megabyte that asks for ten thousand times as much.
  @Test
  void aPatchThatGrowsWithoutBound() throws Exception {
    String edits =
        IntStream.range(0, 25_000)
            .mapToObj(i -> "{\"path\":\"a" + i + "[9999]\",\"data\":1}")
            .collect(Collectors.joining(",", "[", "]"));
    try (RawSocket socket = RawSocket.loggedIn(server.url())) {
      socket.send(write("grown/one", "{}").acknowledged("w"));
      socket.await(message -> message.isRecord(WireMessage.WRITE_ACKNOWLEDGEMENT));
      socket.send(
          record(WireMessage.PATCH_MULTI)
              .text(WireMessage.DATA, edits)
              .named("grown/one")
              .acknowledged("big")
              .number(WireMessage.VERSION, 2));
      WireMessage answer = socket.await(m -> m.text(WireMessage.CORRELATION_ID).equals("big"));
      assertEquals(1, answer.number(WireMessage.IS_ERROR), answer::toString);
      socket.send(record(WireMessage.HEAD).named("grown/one"));
      assertEquals(
          1, socket.await(m -> m.isRecord(WireMessage.HEAD_RESPONSE)).number(WireMessage.VERSION));
    }
  }

  /// Documents whose objects take many times the room of their text, all at the same moment.
  @Test
  void manyDocumentsOfManySmallObjects() throws Exception {
    String document =
        IntStream.range(0, MEMBERS)
            .mapToObj(i -> "{\"" + (char) ('a' + i % 26) + "\":" + i + "}")
            .collect(Collectors.joining(",", "[", "]"));
    var writers = new ArrayList<RawSocket>();
    try {
      for (int i = 0; i < 200; i++) {
        byte[] frame =
            RawSocket.frame(
                RawSocket.BINARY, write("objects/" + i, document).acknowledged("it").bytes());
        RawSocket writer = RawSocket.loggedIn(server.url());
        writers.add(writer);
        writer.sendRaw(Arrays.copyOf(frame, frame.length - 1));
      }
      for (RawSocket writer : writers) {
        sendLastByte(writer);
      }
      int written = 0;
      for (RawSocket writer : writers) {
        WireMessage answer = writer.read();
        if (answer != null && answer.isRecord(WireMessage.WRITE_ACKNOWLEDGEMENT)) {
          written++;
        } else if (answer != null) {
          assertTrue(answer.text(WireMessage.DATA).contains("OVERLOADED"), answer::toString);
        }
      }
      assertTrue(written > 0);
    } finally {
      writers.forEach(RawSocket::close);
    }
  }

  private static void sendLastByte(RawSocket socket) {
    try {
      socket.sendRaw(new byte[] {1});
    } catch (IOException e) {
      // The server has ended it for the memory it held, as it may.
    }
  }
}
