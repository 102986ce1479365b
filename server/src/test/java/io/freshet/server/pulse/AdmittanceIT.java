// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.stream.StreamOptions;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.net.RawClient;
import io.freshet.server.pulse.PulseHost.Setting;
import io.freshet.spi.Authenticator.Verdict;
import io.freshet.testkit.Eventually;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// From a handshake to its answer, over real sockets.
final class AdmittanceIT {
  private static final String[] PLAIN = PulseHost.headers("", null);
  private static final String[] NAMED = PulseHost.headers("", "s");

  /// Those that wait for their key to be judged.
  private final BlockingQueue<CompletableFuture<Verdict>> judging = new LinkedBlockingQueue<>();

  private Setting judgedLater() {
    return Setting.OPEN.judging(attempt -> {
      var verdict = new CompletableFuture<Verdict>();
      judging.add(verdict);
      return verdict;
    });
  }

  private CompletableFuture<Verdict> judged() throws InterruptedException {
    CompletableFuture<Verdict> next = judging.poll(30, TimeUnit.SECONDS);
    assertTrue(next != null, "nobody asked for a verdict");
    return next;
  }

  /// They are counted behind the answer.
  private static void assertRefused(PulseHost host, ErrorCode... codes) {
    Eventually.holds(() -> List.copyOf(host.refusals).equals(List.of(codes)));
  }

  private static Setting judging(Verdict verdict) {
    return Setting.OPEN.judging(attempt -> CompletableFuture.completedStage(verdict));
  }

  @Test
  void aKeyThatIsNotGoodIsP6102() throws Exception {
    for (Verdict no : List.of(new Verdict.Refused(null), Verdict.NotMine.NOT_MINE)) {
      try (var host = new PulseHost(judging(no))) {
        for (String path : List.of("/stream", "/subscribe")) {
          var refusal = host.refused(path, PLAIN);
          assertEquals(401, refusal.status());
          assertEquals("P6102", refusal.code());
          assertEquals("Bearer", refusal.answer().header("www-authenticate"));
        }
        assertRefused(host, ErrorCode.UNAUTHENTICATED, ErrorCode.UNAUTHENTICATED);
        assertEquals(0, host.open());
      }
    }
  }

  @Test
  void aKeyThatIsNotGoodForThisCollectionIsP6102() throws Exception {
    Setting readsNothing =
        Setting.OPEN.guarded(request ->
            request.action() == GuardAction.READ ? GuardAnswer.Deny.DENY : GuardAnswer.Allow.ALLOW);
    try (var host = new PulseHost(readsNothing)) {
      var refusal = host.refused("/stream", NAMED);
      assertEquals(403, refusal.status());
      assertEquals("P6102", refusal.code());
      assertEquals(0, host.open());
      assertTrue(host.streams().isEmpty(), "no place is kept for it");
    }
  }

  @Test
  void aServerWithoutStreamsIsP6106() throws Exception {
    try (var host =
        new PulseHost(
            Setting.OPEN.streaming(new StreamOptions(false, 1000, PulseHost.SIGN_WITHIN)))) {
      for (String path : List.of("/stream", "/subscribe")) {
        var refusal = host.refused(path, PLAIN);
        assertEquals("P6106", refusal.code());
        assertTrue(refusal.message().contains("streams.enabled"), refusal::message);
      }
    }
  }

  @Test
  void whatCannotBeMeantOrDoneIsP6100() throws Exception {
    try (var host =
        new PulseHost(Setting.OPEN.streaming(new StreamOptions(true, 1, PulseHost.SIGN_WITHIN)))) {
      assertServer(400, host.refused("/stream"));
      assertServer(400, host.refused("/stream", "Subscription: {"));
      var filter = host.refused("/stream", PulseHost.headers("{\"create\":{\"nick\":1}}", "s"));
      assertServer(400, filter);
      assertTrue(filter.message().contains("create.nick"), filter::message);
      try (RawClient holder = host.stream(null)) {
        assertEquals(1, host.open());
        var full = host.refused("/subscribe", PLAIN);
        assertServer(ErrorCode.LIMIT_REACHED.status(), full);
        assertTrue(full.message().contains("streams.maxPerCollection"), full::message);
        holder.text("{}");
        Eventually.holds(() -> host.ignored.get() == 1);
      }
      Eventually.holds(() -> host.open() == 0);
      host.open("/subscribe", PLAIN).close();
    }
  }

  private static void assertServer(int status, PulseHost.Refusal refusal) {
    assertEquals("P6100", refusal.code());
    assertEquals(status, refusal.status());
    assertFalse(refusal.message().isEmpty());
  }

  @Test
  void whoIsJudgedLaterIsToldWhen() throws Exception {
    try (var host = new PulseHost(judging(new Verdict.Later(null, Duration.ofMillis(1500))))) {
      var refusal = host.refused("/stream", PLAIN);
      assertServer(429, refusal);
      assertEquals("2", refusal.answer().header("retry-after"));
    }
  }

  @Test
  void aFailureTellsNothingOfItself() throws Exception {
    Setting broken =
        Setting.OPEN.judging(attempt ->
            CompletableFuture.failedStage(new IllegalStateException("a secret, on purpose")));
    try (var host = new PulseHost(broken)) {
      var refusal = host.refused("/stream", PLAIN);
      assertServer(500, refusal);
      assertFalse(refusal.answer().body().contains("secret"), refusal.answer()::body);
    }
  }

  @Test
  void aStoreThatDoesNotWorkIsP6101() throws Exception {
    try (var host = new PulseHost(Setting.OPEN)) {
      host.store.close();
      var refusal = host.refused("/stream", NAMED);
      assertEquals("P6101", refusal.code());
      assertEquals(0, host.open());
    }
  }

  /// The name and the place in the collection's limit go to the next one at once.
  @Test
  void aHandshakeThatIsAbandonedWhileItIsJudgedGivesItsStreamBack() throws Exception {
    Setting one = judgedLater().streaming(new StreamOptions(true, 1, PulseHost.SIGN_WITHIN));
    try (var host = new PulseHost(one)) {
      CompletableFuture<Verdict> verdict;
      try (RawClient gone = host.connect()) {
        gone.sendUpgrade("/stream", NAMED);
        verdict = judged();
      }
      verdict.complete(PulseHost.accepted());
      Eventually.holds(() -> host.streams().containsKey("s") && host.open() == 0);
      try (RawClient next = host.connect()) {
        next.sendUpgrade("/stream", NAMED);
        judged().complete(PulseHost.accepted());
        assertEquals(101, next.readAnswer().status());
        host.write(0, 2);
        assertEquals(2, PulseHost.events(next, 2).size());
      }
      assertTrue(host.timers.isEmpty(), "nobody had to be asked for a sign");
      assertTrue(host.refusals.isEmpty());
    }
  }

  /// However long it takes, its client is answered, and what comes of it later is put away.
  @Test
  void aHandshakeThatTakesTooLongIsRefusedAndGivesItsStreamBack() throws Exception {
    try (var host = new PulseHost(judgedLater().openWithin(Duration.ofMillis(20)))) {
      var refusal = host.refused("/stream", NAMED);
      assertServer(ErrorCode.OVERLOADED.status(), refusal);
      assertRefused(host, ErrorCode.OVERLOADED);
      judged().complete(PulseHost.accepted());
      Eventually.holds(() -> host.streams().containsKey("s") && host.open() == 0);
      assertEquals(0, host.subscriptions.get());
    }
  }

  /// Of many that come at once and go before they are answered, nothing is left.
  @Test
  void aCrowdThatIsGoneAgainLeavesNothing() throws IOException, InterruptedException {
    int crowd = 100;
    try (var host = new PulseHost(judgedLater())) {
      for (int i = 0; i < crowd; i++) {
        try (RawClient gone = host.connect()) {
          gone.sendUpgrade(i % 2 == 0 ? "/stream" : "/subscribe", PulseHost.headers("", "s" + i));
          CompletableFuture<Verdict> verdict = judged();
          if (i % 3 == 0) {
            verdict.complete(PulseHost.accepted());
          } else {
            gone.close();
            verdict.complete(PulseHost.accepted());
          }
        }
      }
      Eventually.holds(() -> host.streams().size() == crowd / 2 && host.open() == 0);
      assertEquals(0, host.subscriptions.get());
    }
  }
}
