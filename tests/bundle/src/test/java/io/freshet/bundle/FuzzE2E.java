// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Mutated frames on several sockets at once, logged in and not, against the packaged server while
/// a [Witness] works on it. Whatever the server answers has to be well-formed. Twenty rounds are a
/// hundred thousand frames.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FuzzE2E {
  private static final int FRAMES_PER_ROUND = 5000;
  private static final int SOCKETS = 8;
  private static final int STRANGERS = 2;

  /// A frame that lies about its length swallows what follows, so sockets are replaced.
  private static final int FRAMES_PER_SOCKET = 150;

  private final AtomicReference<Throwable> malformed = new AtomicReference<>();
  private final List<Thread> readers = new ArrayList<>();
  private AttackedServer server;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    server = new AttackedServer(directory, "--durability=os");
  }

  /// Frames that were all refused at the door would be no test of what is behind it.
  @AfterAll
  void reachedEveryPart() throws Exception {
    try (AttackedServer attacked = server) {
      for (String reason :
          List.of("undecodable", "out_of_turn", "unknown", "invalid", "conflict", "not_found")) {
        String series =
            "freshet_messages_refused_total{door=\"/deepstream\",reason=\"" + reason + "\"";
        assertTrue(attacked.metric(series) > 0, reason);
      }
      assertTrue(attacked.metric("freshet_messages_received_total") > FRAMES_PER_ROUND / 2);
    }
  }

  @ParameterizedTest
  @MethodSource("io.freshet.testkit.Seeds#all")
  void survivesMutatedFrames(long seed) throws Exception {
    try {
      round(new Random(seed));
      server.assertUnharmed();
    } catch (Throwable failure) {
      throw new AssertionError("repeat with FRESHET_SEED=" + seed, failure);
    }
  }

  private void round(Random random) throws Exception {
    var mutator = new FrameMutator(random);
    RawSocket[] sockets = new RawSocket[SOCKETS];
    int[] sent = new int[SOCKETS];
    for (int frame = 0; frame < FRAMES_PER_ROUND; ) {
      int at = random.nextInt(SOCKETS);
      if (sockets[at] == null || sent[at]++ == FRAMES_PER_SOCKET) {
        close(sockets[at]);
        sockets[at] = open(at < STRANGERS);
        sent[at] = 0;
      }
      try {
        sockets[at].sendRaw(mutator.next());
        frame++;
      } catch (IOException e) {
        sent[at] = FRAMES_PER_SOCKET; // the server has closed it
      }
    }
    for (RawSocket socket : sockets) {
      close(socket);
    }
    for (Thread reader : readers) {
      reader.join();
    }
    readers.clear();
    if (malformed.get() != null) {
      throw new AssertionError("an answer is malformed", malformed.get());
    }
  }

  private RawSocket open(boolean stranger) throws IOException {
    RawSocket socket =
        stranger ? RawSocket.upgraded(server.url()) : RawSocket.loggedIn(server.url());
    readers.add(Thread.startVirtualThread(() -> readAll(socket)));
    return socket;
  }

  private static void close(RawSocket socket) {
    if (socket != null) {
      socket.close();
    }
  }

  /// To the end; a server that waited for its answers to be read would be no target.
  private void readAll(RawSocket socket) {
    try (socket) {
      socket.awaitClose();
    } catch (RuntimeException | IOException e) {
      malformed.compareAndSet(null, e);
    }
  }
}
