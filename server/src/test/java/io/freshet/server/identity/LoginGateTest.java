// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import static io.freshet.server.identity.Logins.object;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.Authenticator;
import io.freshet.spi.Authenticator.Attempt;
import io.freshet.spi.Authenticator.Verdict;
import io.freshet.testkit.VirtualClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LoginGateTest {
  private static final Verdict WRONG = new Verdict.Refused(null);
  private static final Verdict RIGHT =
      new Verdict.Accepted("u", JsonObject.empty(), null, null, null);

  private final VirtualClock clock = VirtualClock.atNoon();
  private final Queue<CompletableFuture<Verdict>> asked = new ArrayDeque<>();
  private final Authenticator asking =
      _ -> {
        var verdict = new CompletableFuture<Verdict>();
        asked.add(verdict);
        return verdict;
      };
  private final LoginGate gate =
      new LoginGate(
          asking,
          new LoginGate.Options(
              3, Duration.ofSeconds(1), Duration.ofSeconds(8), Duration.ofMinutes(1), 4),
          clock);

  private CompletableFuture<Verdict> attempt(String address) {
    return gate.authenticate(new Attempt(object("{\"token\":\"x\"}"), address))
        .toCompletableFuture();
  }

  private void answer(Verdict verdict) {
    asked.remove().complete(verdict);
  }

  private void fail(String address) {
    var attempt = attempt(address);
    answer(WRONG);
    assertEquals(WRONG, attempt.join());
  }

  private void assertWaits(String address, Duration wait) {
    var later = assertInstanceOf(Verdict.Later.class, attempt(address).getNow(WRONG));
    assertEquals(wait, later.retryAfter());
    assertTrue(asked.isEmpty());
  }

  @Test
  void makesEachFurtherFailureWaitTwiceAsLong() {
    fail("192.0.2.1");
    fail("192.0.2.1");
    fail("192.0.2.1");
    for (int seconds : new int[] {1, 2, 4, 8, 8}) {
      assertWaits("192.0.2.1", Duration.ofSeconds(seconds));
      clock.advance(Duration.ofSeconds(seconds).minusMillis(1));
      assertWaits("192.0.2.1", Duration.ofMillis(1));
      clock.advance(Duration.ofMillis(1));
      fail("192.0.2.1");
    }
    fail("192.0.2.2");
  }

  @Test
  void saysWhyAndHowLong() {
    for (int i = 0; i < 3; i++) {
      fail("192.0.2.1");
    }
    var later = assertInstanceOf(Verdict.Later.class, attempt("192.0.2.1").getNow(WRONG));
    assertEquals(
        object("{\"error\":\"TOO_MANY_FAILED_LOGINS\",\"retryAfterMs\":1000}"), later.clientData());
  }

  @Test
  void forgetsAWhileAfterTheLastFailure() {
    for (int i = 0; i < 3; i++) {
      fail("192.0.2.1");
    }
    clock.advance(Duration.ofSeconds(61));
    fail("192.0.2.1");
    fail("192.0.2.1");
    fail("192.0.2.1");
    assertWaits("192.0.2.1", Duration.ofSeconds(1));
  }

  @Test
  void aSuccessTakesNothingBackAndTryingAgainLaterCountsAsNothing() {
    fail("192.0.2.1");
    fail("192.0.2.1");
    for (Verdict verdict : new Verdict[] {RIGHT, new Verdict.Later(null, Duration.ZERO)}) {
      var attempt = attempt("192.0.2.1");
      answer(verdict);
      assertEquals(verdict, attempt.join());
    }
    fail("192.0.2.1");
    assertWaits("192.0.2.1", Duration.ofSeconds(1));
  }

  @Test
  void manyMayLogInAtOnceFromOneAddressUntilTheyFail() {
    for (int i = 0; i < 1000; i++) {
      assertFalse(attempt("192.0.2.1").isDone());
    }
    for (int i = 0; i < 3; i++) {
      answer(WRONG);
    }
    assertInstanceOf(Verdict.Later.class, attempt("192.0.2.1").getNow(WRONG));
  }

  @Test
  void whoShowsNothingGuessesAtNothing() {
    var nothing = new Attempt(JsonObject.empty(), Map.of("user-agent", "x"), "192.0.2.1", "/d");
    for (int i = 0; i < 10; i++) {
      var attempt = gate.authenticate(nothing).toCompletableFuture();
      answer(WRONG);
      assertEquals(WRONG, attempt.join());
    }
    assertEquals(0, gate.addresses());
    for (String header : new String[] {"cookie", "authorization"}) {
      var shown = new Attempt(JsonObject.empty(), Map.of(header, "x"), "192.0.2.7", "/d");
      gate.authenticate(shown);
      answer(WRONG);
    }
    gate.authenticate(new Attempt(object("{\"a\":1}"), "192.0.2.7"));
    answer(WRONG);
    assertWaits("192.0.2.7", Duration.ofSeconds(1));
  }

  @Test
  void thenOneAtATime() {
    for (int i = 0; i < 3; i++) {
      fail("192.0.2.1");
    }
    clock.advance(Duration.ofSeconds(1));
    var first = attempt("192.0.2.1");
    assertFalse(first.isDone());
    assertInstanceOf(Verdict.Later.class, attempt("192.0.2.1").getNow(WRONG));
    answer(RIGHT);
    assertEquals(RIGHT, first.join());
    assertFalse(attempt("192.0.2.1").isDone());
  }

  @Test
  void countsANetworkOfIpv6AsOne() {
    fail("2001:db8::1");
    fail("2001:db8::2");
    fail("2001:db8:0:0:ffff::3");
    assertWaits("2001:db8::4", Duration.ofSeconds(1));
    fail("2001:db8:0:1::1");
  }

  @Test
  void remembersABoundedNumberOfAddresses() {
    for (int i = 0; i < 3; i++) {
      fail("192.0.2.1");
    }
    for (int i = 2; i < 50; i++) {
      fail("192.0.2." + i);
      assertTrue(gate.addresses() <= 4);
    }
    fail("192.0.2.1");
  }

  @Test
  void aFailureOfTheAuthenticatorCountsAndPasses() {
    for (int i = 0; i < 3; i++) {
      var attempt = attempt("192.0.2.1");
      asked.remove().completeExceptionally(new IllegalStateException("broken"));
      assertThrows(RuntimeException.class, attempt::join);
    }
    assertWaits("192.0.2.1", Duration.ofSeconds(1));
  }
}
