// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/// What attackers do while others are measured, over and over, each as fast as one thread can.
enum Attack {
  /// A million subscriptions on one socket, which reads its refusals.
  SUBSCRIPTIONS {
    @Override
    void once(URI url, Random random) throws IOException {
      try (var client = new HostileClient(url, USUAL_BYTES).logIn(url)) {
        client.readAlong();
        for (int from = 0; from < 1_000_000 && isWanted(); from += NAMES) {
          subscribe(client, "storm/", from);
        }
      }
    }
  },

  /// A subscriber that never reads, of a document of 100 KB that is written until it is cut off.
  NEVER_READS {
    @Override
    void once(URI url, Random random) throws IOException {
      String name = "slow/" + random.nextInt(1000);
      String document = "{\"text\":\"" + "x".repeat(100_000) + "\"}";
      try (var stuck = new HostileClient(url, 4096).logIn(url);
          var writer = new HostileClient(url, USUAL_BYTES).logIn(url)) {
        stuck.start(Wire.SUBSCRIBECREATEANDREAD).text(Wire.NAMES, name);
        stuck.send(Wire.TOPIC_RECORD);
        for (int i = 0; i < 300 && isWanted(); i++) {
          writer
              .start(Wire.CREATEANDUPDATE)
              .text(Wire.DATA, document)
              .decimal(Wire.CORRELATION_ID, i)
              .text(Wire.NAME, name)
              .number(Wire.IS_WRITE_ACK, 1)
              .number(Wire.VERSION, -1);
          writer.send(Wire.TOPIC_RECORD);
          writer.readSome();
        }
      }
    }
  },

  /// Patches with flipped bits.
  GARBAGE {
    @Override
    void once(URI url, Random random) throws IOException {
      try (var client = new HostileClient(url, USUAL_BYTES).logIn(url)) {
        client.readAlong();
        while (isWanted()) {
          client
              .start(random.nextInt(40))
              .text(Wire.DATA, "{\"a\":[1,2,{\"b\":3}]}")
              .text(Wire.NAME, "garbage/" + random.nextInt(100))
              .text(Wire.PATH, "a[1].b")
              .number(Wire.VERSION, -1);
          client.sendSpoiled(Wire.TOPIC_RECORD, random);
        }
      }
    }
  },

  /// Ten thousand names, and listeners whose patterns take a backtracking matcher for ever.
  PATTERNS {
    @Override
    void once(URI url, Random random) throws IOException {
      List<String> patterns =
          List.of("(a+)+!$", "(a|aa)+!$", "(.*a){25}!$", "(?=(a+)+!$)", "(a+)+\\1!$");
      try (var client = new HostileClient(url, USUAL_BYTES).logIn(url)) {
        subscribe(client, "evil/" + "a".repeat(40), 0);
        for (int i = 0; isWanted(); i++) {
          client
              .start(i % 2 == 0 ? LISTEN : UNLISTEN)
              .text(Wire.NAME, patterns.get(i / 2 % patterns.size()));
          client.send(Wire.TOPIC_RECORD);
          client.readSome();
        }
      }
    }
  },

  /// A thousand connections that never log in.
  CONNECTIONS {
    @Override
    void once(URI url, Random random) throws IOException {
      var clients = new ArrayList<HostileClient>();
      try {
        for (int i = 0; i < 1000 && isWanted(); i++) {
          clients.add(new HostileClient(url, USUAL_BYTES));
        }
      } finally {
        for (HostileClient client : clients) {
          client.close();
        }
      }
    }
  },

  /// Ten thousand connections that never log in and stay.
  STRANGERS {
    @Override
    void once(URI url, Random random) throws IOException {
      var clients = new ArrayList<HostileClient>();
      try {
        while (isWanted()) {
          if (clients.size() < 10_000) {
            clients.add(new HostileClient(url, SMALL_BYTES));
          } else {
            LockSupport.parkNanos(PAUSE_NANOS);
          }
        }
      } finally {
        for (HostileClient client : clients) {
          client.close();
        }
      }
    }
  },

  /// Four thousand requests whose headers come byte by byte.
  SLOW_HEADERS {
    @Override
    void once(URI url, Random random) throws IOException {
      String head = "GET /deepstream HTTP/1.1\r\nHost: localhost\r\nX-Slow: ";
      drip(url, 4000, head.getBytes(StandardCharsets.US_ASCII));
    }
  },

  /// A thousand clients that are logged in and whose messages come byte by byte.
  SLOW_FRAMES {
    @Override
    void once(URI url, Random random) throws IOException {
      byte[] header = {(byte) 0x82, (byte) 0xFE, 0x7F, (byte) 0xFF, 0, 0, 0, 0};
      var clients = new ArrayList<HostileClient>();
      try {
        for (int i = 0; i < 1000 && isWanted(); i++) {
          var client = new HostileClient(url, SMALL_BYTES).logIn(url);
          clients.add(client);
          client.sendRaw(header);
        }
        while (isWanted()) {
          for (HostileClient client : clients) {
            client.sendRaw(A);
          }
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      } finally {
        for (HostileClient client : clients) {
          client.close();
        }
      }
    }
  };

  private static final int SMALL_BYTES = 4096;
  private static final long PAUSE_NANOS = 100_000_000;
  private static final byte[] A = {'a'};

  private static final int USUAL_BYTES = 256 * 1024;
  private static final int NAMES = 10_000;
  private static final int LISTEN = 27;
  private static final int UNLISTEN = 28;

  /// One attack from its beginning to its end.
  abstract void once(URI url, Random random) throws IOException;

  /// Attacks until the thread is interrupted.
  ///
  /// @return how many times it was begun
  int untilInterrupted(URI url) {
    var random = new Random(1);
    int times = 0;
    while (isWanted()) {
      times++;
      try {
        once(url, random);
      } catch (IOException e) {
        // The server has ended the connection, which is what it is to do.
      }
    }
    return times;
  }

  /// Keeps so many connections open that send a beginning and then a byte at a time; those that are
  /// closed are opened anew.
  private static void drip(URI url, int count, byte[] beginning) throws IOException {
    var sockets = new ArrayList<Socket>();
    try {
      while (isWanted()) {
        while (sockets.size() < count && isWanted()) {
          var socket = new Socket(url.getHost(), url.getPort());
          sockets.add(socket);
          socket.getOutputStream().write(beginning);
        }
        sockets.removeIf(socket -> !takes(socket));
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private static boolean takes(Socket socket) {
    try {
      socket.getOutputStream().write(A);
      return true;
    } catch (IOException e) {
      try {
        socket.close();
      } catch (IOException _) {
        // It was closed by the other side, then.
      }
      return false;
    }
  }

  private static boolean isWanted() {
    return !Thread.currentThread().isInterrupted();
  }

  private static void subscribe(HostileClient client, String prefix, int from) throws IOException {
    MessageWriter message = client.start(Wire.SUBSCRIBECREATEANDREAD);
    for (int i = from; i < from + NAMES; i++) {
      message.text(Wire.NAMES, prefix + i);
    }
    client.send(Wire.TOPIC_RECORD);
  }
}
