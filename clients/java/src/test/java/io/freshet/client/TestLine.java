// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.protocol.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/// A connection that a test opens, cuts, and answers on.
final class TestLine implements Line {
  private static final int SECONDS_MAX = 30;

  final ManualTiming timing = new ManualTiming();
  final List<String> reported = new ArrayList<>();
  final Hub hub = new Hub(timing, 1000, () -> {}, this::failed);
  List<String> sent = new ArrayList<>();
  boolean isUp = true;
  boolean isHopeless;
  private long order;

  static QueueLimits limits(int most, WhenFull then, Duration timeout) {
    return new QueueLimits(most, then, timeout);
  }

  static Frame frame(String json) {
    return new Frame(assertInstanceOf(JsonObject.class, Mapper.parse(json.replace('\'', '"'))));
  }

  /// What was sent since this was asked last.
  List<String> takeSent() {
    return hub.locked(() -> {
      List<String> taken = sent;
      sent = new ArrayList<>();
      return taken;
    });
  }

  static <T> T result(CompletableFuture<T> future) throws Exception {
    return future.get(SECONDS_MAX, TimeUnit.SECONDS);
  }

  static String code(CompletableFuture<?> future) {
    var failure =
        assertThrows(ExecutionException.class, () -> future.get(SECONDS_MAX, TimeUnit.SECONDS));
    return FreshetClientException.causeOf(failure).code();
  }

  @Override
  public boolean send(String frame) {
    if (isUp) {
      sent.add(frame);
    }
    return isUp;
  }

  @Override
  public boolean isUp() {
    return isUp;
  }

  @Override
  public boolean isHopeless() {
    return isHopeless;
  }

  @Override
  public String requestId(long place) {
    return "request-" + place;
  }

  @Override
  public void barrier(Runnable passed) {
    throw new UnsupportedOperationException("nothing here asks for it");
  }

  @Override
  public void failed(FreshetClientException why) {
    synchronized (reported) {
      reported.add(why.code());
    }
  }

  @Override
  public long nextOrder() {
    return ++order;
  }

  @Override
  public Login login() {
    throw new UnsupportedOperationException("nothing here logs in");
  }

  @Override
  public void requireOpen() {
    // It always is.
  }
}
