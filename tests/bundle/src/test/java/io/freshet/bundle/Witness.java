// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static io.freshet.bundle.WireMessage.record;

import io.freshet.testkit.Eventually;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A well-behaved pair of clients that goes on while others attack: one writes a record, version by
/// version and each with its acknowledgement, the other is subscribed to it and has to see every
/// version, once and in order.
final class Witness implements AutoCloseable {
  private static final long PAUSE_NANOS = 2_000_000;
  private static final int ROUNDS_PER_PING = 200;

  private final RawSocket writer;
  private final RawSocket subscriber;
  private final String name = "witness/" + Long.toString(System.nanoTime(), 36);
  private final Thread thread;
  private volatile boolean stopped;
  private volatile int version;
  private volatile @Nullable Throwable failure;

  Witness(URI server) throws IOException {
    writer = RawSocket.loggedIn(server);
    subscriber = RawSocket.loggedIn(server);
    subscriber.send(record(WireMessage.SUBSCRIBECREATEANDREAD).text(WireMessage.NAMES, name));
    subscriber.await(message -> message.isRecord(WireMessage.READ_RESPONSE));
    thread = Thread.ofPlatform().daemon().name("witness").start(this::run);
  }

  private void run() {
    try {
      for (int next = 1; !stopped; next++) {
        writeAndSee(next);
        version = next;
        if (next % ROUNDS_PER_PING == 0) {
          subscriber.send(WireMessage.PING);
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (IOException | RuntimeException | AssertionError e) {
      failure = e;
    }
  }

  private void writeAndSee(int next) throws IOException {
    writer.send(
        record(WireMessage.PATCH)
            .text(WireMessage.DATA, Integer.toString(next))
            .named(name)
            .acknowledged(Integer.toString(next))
            .text(WireMessage.PATH, "n")
            .number(WireMessage.VERSION, next));
    WireMessage answer = writer.await(message -> message.topic() == WireMessage.RECORD);
    if (!answer.isRecord(WireMessage.WRITE_ACKNOWLEDGEMENT)
        || answer.fields().containsKey(WireMessage.IS_ERROR)) {
      throw new AssertionError("version " + next + " was not acknowledged: " + answer);
    }
    WireMessage seen = subscriber.await(Witness::isAboutItsData);
    boolean complete =
        seen.number(WireMessage.VERSION) == next
            && seen.text(WireMessage.DATA).contains(Integer.toString(next));
    if (!complete) {
      throw new AssertionError("after version " + (next - 1) + " came " + seen);
    }
  }

  /// All but the news of providers, which attackers may be.
  private static boolean isAboutItsData(WireMessage message) {
    return message.topic() == WireMessage.RECORD
        && !message.isRecord(WireMessage.HAS_PROVIDER)
        && !message.isRecord(WireMessage.HAS_NO_PROVIDER);
  }

  /// The version both have seen.
  int version() {
    return version;
  }

  /// Waits for that many more versions, all of them seen in order.
  void awaitProgress(int more) {
    int goal = version + more;
    Eventually.holds(() -> failure != null || version >= goal);
    Throwable cause = failure;
    if (cause != null) {
      throw new AssertionError("the well-behaved clients were harmed", cause);
    }
  }

  @Override
  public void close() throws InterruptedException {
    stopped = true;
    thread.join();
    writer.close();
    subscriber.close();
  }
}
