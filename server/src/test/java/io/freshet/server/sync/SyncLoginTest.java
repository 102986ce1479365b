// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import static io.freshet.server.sync.Look.json;
import static io.freshet.server.sync.Look.number;
import static io.freshet.server.sync.Look.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.guard.Guard;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.server.session.Connections.Entry;
import io.freshet.server.session.Ending;
import io.freshet.server.sync.SyncMeter.Ended;
import io.freshet.spi.Authenticator;
import io.freshet.spi.Authenticator.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/// How connections of `/ws` log in, stay logged in, and end.
final class SyncLoginTest {
  /// Tokens are `user` or `user until`, in seconds from noon; judged when the test says so.
  private final class Tokens implements Authenticator {
    final ArrayDeque<Runnable> judgements = new ArrayDeque<>();
    boolean slow;

    @Override
    public CompletionStage<Verdict> authenticate(Attempt attempt) {
      var verdict = new CompletableFuture<Verdict>();
      Runnable judgement = () -> verdict.complete(verdict(attempt));
      if (slow) {
        judgements.add(judgement);
      } else {
        judgement.run();
      }
      return verdict;
    }

    private Verdict verdict(Attempt attempt) {
      if (!(attempt.data().get("token") instanceof JsonString token)) {
        return Verdict.NotMine.NOT_MINE;
      }
      return switch (token.value()) {
        case "wrong" -> new Verdict.Refused(JsonString.of("That token is no good"));
        case "busy" -> new Verdict.Later(null, Duration.ofMillis(1500));
        default -> accepted(token.value().split(" ", -1));
      };
    }

    private Verdict accepted(String[] words) {
      Instant until = words.length == 1 ? null : noon.plusSeconds(Long.parseLong(words[1]));
      return new Verdict.Accepted(
          words[0], JsonObject.empty(), null, null, until, "key:" + words[0]);
    }
  }

  private final Tokens tokens = new Tokens();
  private final SyncHarness harness =
      new SyncHarness(SyncHarness.options(false, 3, 100, SyncHarness.BOUNDS), tokens, Guard.OPEN);
  private final Instant noon = harness.clock.instant();

  private static String auth(String token) {
    return "{'type':'auth','token':'%s','ref':'a'}".formatted(token);
  }

  private SyncClient loggedIn(String token) {
    SyncClient peer = harness.connect();
    peer.ask(auth(token));
    return peer;
  }

  // In.

  @Test
  void theFirstFrameLogsIn() {
    SyncClient peer = harness.connect();
    harness.settle();
    assertEquals(List.of(), peer.take());
    JsonObject welcome = peer.askOne(auth("anna 60"));
    assertEquals("welcome", text(welcome, "type"));
    assertEquals("anna", text(welcome, "user"));
    assertEquals("a", text(welcome, "ref"));
    assertEquals(25_000, number(welcome, "heartbeatMs"));
    assertEquals(json("false"), welcome.get("resumed"));
    assertEquals(noon.plusSeconds(60).toEpochMilli(), number(welcome, "expiresAt"));
    assertEquals(List.of("anna"), harness.connections.list().stream().map(Entry::user).toList());
  }

  @Test
  void whatTheRequestShowsLogsInToo() {
    for (SyncClient peer :
        List.of(
            harness.connect("token=anna", List.of()),
            harness.connect("", List.of(Map.entry("Authorization", "Bearer anna"))),
            harness.connect(
                "", List.of(Map.entry("Sec-WebSocket-Protocol", "freshet, freshet.token.anna"))))) {
      harness.settle();
      assertEquals("welcome", text(peer.frames().getFirst(), "type"));
    }
  }

  @Test
  void whatIsSaidMeanwhileWaitsForTheLogin() {
    tokens.slow = true;
    SyncClient peer = harness.connect("token=anna", List.of());
    harness.settle();
    peer.say("{'type':'sync','requestId':'r','op':'create','service':'s','id':'a','data':{}}");
    peer.say("{'type':'ping'}");
    assertFalse(peer.reading);
    harness.settle();
    assertEquals(List.of(), peer.take());
    tokens.judgements.remove().run();
    harness.settle();
    assertTrue(peer.reading);
    assertEquals(
        List.of("welcome", "pong", "result"),
        peer.frames().stream().map(frame -> text(frame, "type")).toList());
  }

  @Test
  void nothingIsDoneForStrangers() {
    SyncClient peer = harness.connect();
    JsonObject refused =
        peer.askOne("{'type':'sync','requestId':'r','op':'get','service':'s','id':'a'}");
    assertEquals("UNAUTHENTICATED", text(refused, "code"));
    assertEquals(401, number(refused, "status"));
    assertEquals("r", text(refused, "requestId"));
    assertEquals(
        "UNAUTHENTICATED",
        text(peer.askOne("{'type':'subscribe','topic':'sync.s.updated','ref':'x'}"), "code"));
    assertEquals(json("{'type':'pong'}"), peer.askOne("{'type':'ping'}"));
    assertFalse(peer.closed);
  }

  @Test
  void aWrongTokenIsToldAndThreeEndTheConnection() {
    SyncClient peer = harness.connect();
    JsonObject refused = peer.askOne(auth("wrong"));
    assertEquals("UNAUTHENTICATED", text(refused, "code"));
    assertEquals("That token is no good", text(refused, "message"));
    assertEquals("a", text(refused, "ref"));
    peer.askOne(auth("wrong"));
    assertFalse(peer.closed);
    peer.askOne(auth("wrong"));
    assertEquals(4001, peer.closeCode);
    assertEquals(List.of(Ended.LOGIN_FAILED), harness.ends);
  }

  @Test
  void aWrongTokenOfTheRequestEndsTheConnectionAtOnce() {
    SyncClient peer = harness.connect("token=wrong", List.of());
    harness.settle();
    assertEquals("UNAUTHENTICATED", text(peer.frames().getFirst(), "code"));
    assertEquals(4001, peer.closeCode);
  }

  @Test
  void aLoginNobodyCanJudgeMayBeTriedAgain() {
    SyncClient peer = harness.connect();
    JsonObject refused = peer.askOne(auth("busy"));
    assertEquals("RATE_LIMITED", text(refused, "code"));
    assertEquals(1500, number(refused, "retryAfterMs"));
    assertEquals("welcome", text(peer.askOne(auth("anna")), "type"));
    SyncClient other = harness.connect("token=busy", List.of());
    harness.settle();
    assertEquals(4029, other.closeCode);
  }

  @Test
  void whoeverDoesNotLogInInTimeIsClosed() {
    SyncClient peer = harness.connect();
    peer.tick(Duration.ofSeconds(9));
    assertFalse(peer.closed);
    peer.tick(Duration.ofSeconds(2));
    assertEquals(4001, peer.closeCode);
    assertEquals(List.of(Ended.LOGIN_TIMEOUT), harness.ends);
  }

  @Test
  void onlySoManyStrangersMayWait() {
    List<SyncClient> strangers = List.of(harness.connect(), harness.connect(), harness.connect());
    SyncClient oneTooMany = harness.connect();
    harness.settle();
    assertTrue(oneTooMany.closed);
    assertEquals(List.of(Ended.STRANGERS), harness.ends);
    strangers.getFirst().ask(auth("anna"));
    SyncClient next = harness.connect();
    harness.settle();
    assertFalse(next.closed);
  }

  @Test
  void theStrangerSilentForLongestMakesRoom() {
    SyncClient first = harness.connect();
    SyncClient second = harness.connect();
    SyncClient third = harness.connect();
    harness.settle();
    harness.nowNanos += Duration.ofMillis(700).toNanos();
    first.say("{'type':'ping'}");
    harness.nowNanos += Duration.ofMillis(700).toNanos();
    SyncClient next = harness.connect();
    harness.settle();
    assertEquals(
        List.of(false, true, false, false),
        List.of(first.closed, second.closed, third.closed, next.closed));
    assertEquals(1013, second.closeCode);
    harness.connect();
    harness.settle();
    assertTrue(third.closed);
    SyncClient oneTooMany = harness.connect();
    harness.settle();
    assertTrue(oneTooMany.closed, "nobody else has been silent for a second");
    assertFalse(first.closed);
    assertEquals(List.of(Ended.STRANGERS, Ended.STRANGERS, Ended.STRANGERS), harness.ends);
    first.ask(auth("anna"));
    SyncClient instead = harness.connect();
    harness.settle();
    assertFalse(instead.closed, "who has logged in is no stranger, and nobody is counted twice");
    assertEquals(3, harness.ends.size());
  }

  // Going on.

  @Test
  void aLoginIsRenewedOnALiveConnection() {
    SyncClient peer = loggedIn("anna 60");
    JsonObject renewed = peer.askOne(auth("anna 600"));
    assertEquals("authenticated", text(renewed, "type"));
    assertEquals("a", text(renewed, "ref"));
    assertEquals(noon.plusSeconds(600).toEpochMilli(), number(renewed, "expiresAt"));
    harness.clock.advance(Duration.ofSeconds(61));
    harness.timersRing();
    assertFalse(peer.closed);
    harness.clock.advance(Duration.ofSeconds(540));
    harness.timersRing();
    assertEquals(4009, peer.closeCode);
    assertEquals(List.of(), harness.connections.list());
  }

  @Test
  void aLoginThatIsNotRenewedEndsTheConnection() {
    SyncClient peer = loggedIn("anna 60");
    harness.clock.advance(Duration.ofSeconds(60));
    harness.timersRing();
    assertEquals(4009, peer.closeCode);
  }

  @Test
  void aConnectionStaysItsUsers() {
    SyncClient peer = loggedIn("anna 60");
    JsonObject refused = peer.askOne(auth("bob"));
    assertEquals("FORBIDDEN", text(refused, "code"));
    assertEquals("a", text(refused, "ref"));
    assertFalse(peer.closed);
    assertEquals("anna", harness.connections.list().getFirst().user());
    harness.clock.advance(Duration.ofSeconds(60));
    harness.timersRing();
    assertEquals(4009, peer.closeCode);
  }

  @Test
  void aFailedRenewalLeavesTheLoginAsItWas() {
    SyncClient peer = loggedIn("anna 60");
    assertEquals("UNAUTHENTICATED", text(peer.askOne(auth("wrong")), "code"));
    assertEquals(
        "result", text(peer.sync("'op':'create','service':'s','id':'a','data':{}"), "type"));
    harness.clock.advance(Duration.ofSeconds(60));
    harness.timersRing();
    assertEquals(4009, peer.closeCode);
  }

  @Test
  void aRenewalReplacesWhatCanBeTakenBack() {
    SyncClient peer = loggedIn("anna");
    harness.revocations.revoke("key:bob");
    harness.settle();
    assertFalse(peer.closed);
    harness.revocations.revoke("key:anna");
    harness.settle();
    assertEquals(4001, peer.closeCode);
  }

  @Test
  void whoeverAdministratesTheServerCanEndAConnection() {
    SyncClient peer = loggedIn("anna");
    harness.connections.list().getFirst().close().accept(Ending.ADMINISTRATOR);
    harness.settle();
    assertEquals(4003, peer.closeCode);
  }

  @Test
  void aSilentConnectionIsClosed() {
    SyncClient peer = loggedIn("anna");
    peer.tick(Duration.ZERO);
    peer.tick(Duration.ofSeconds(24));
    assertEquals(List.of(), peer.take().stream().filter(each -> each.contains("137")).toList());
    peer.tick(Duration.ofSeconds(25));
    assertEquals(List.of("frame of kind 137"), peer.take(), "asked whether it is there");
    assertFalse(peer.closed);
    peer.ask("{'type':'ping'}");
    peer.tick(Duration.ofSeconds(2));
    peer.tick(Duration.ofSeconds(49));
    assertFalse(peer.closed);
    peer.tick(Duration.ofSeconds(2));
    assertTrue(peer.closed);
    assertEquals(List.of(Ended.SILENT), harness.ends);
  }

  @Test
  void aConnectionThatAnswersPingsMayBeSilentOtherwise() {
    SyncClient peer = loggedIn("anna");
    for (int i = 0; i < 10; i++) {
      peer.tick(Duration.ofSeconds(30));
      peer.handler().onSign();
    }
    assertFalse(peer.closed);
  }

  @Test
  void aServerThatStopsAsksItsClientsToComeBackOneByOne() {
    SyncClient anna = loggedIn("anna");
    SyncClient bob = loggedIn("bob");
    anna.handler().onStopping();
    bob.handler().onStopping();
    assertEquals(1012, anna.closeCode);
    assertEquals("the server is stopping; reconnectMs=1597", anna.closeReason);
    assertEquals("the server is stopping; reconnectMs=3194", bob.closeReason);
  }

  @Test
  void theWriterIsNamed() {
    SyncClient anna = loggedIn("anna");
    SyncClient bob = loggedIn("bob");
    bob.subscribe("'topic':'sync.s.updated'");
    JsonObject document = anna.done("'op':'create','service':'s','id':'a','data':{}");
    assertEquals("anna", text(document, "updatedBy"));
    assertEquals("anna", text(bob.events().getFirst(), "metadata", "actor"));
    assertNull(document.get("deleted"));
  }
}
