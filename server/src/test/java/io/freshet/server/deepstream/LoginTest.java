// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.guard.Guard;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonObject;
import io.freshet.server.deepstream.DeepstreamMeter.Refusal;
import io.freshet.server.deepstream.DoorHarness.Peer;
import io.freshet.server.deepstream.wire.AuthAction;
import io.freshet.server.deepstream.wire.ConnectionAction;
import io.freshet.server.deepstream.wire.DecodedFrames;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.net.MessageKind;
import io.freshet.server.session.Connections;
import io.freshet.server.session.OpenAuthenticator;
import io.freshet.spi.Authenticator;
import io.freshet.spi.Authenticator.Verdict;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Protocol reference, sections 4.3 and 4.4.
class LoginTest {
  private static final Verdict WELCOME =
      new Verdict.Accepted("u", JsonObject.empty(), null, null, null);

  private final Desk desk = new Desk();
  private final DoorHarness harness = new DoorHarness(options(), desk, Guard.OPEN);
  private final Peer peer = harness.connect();

  /// Judges logins when the test says so.
  private static final class Desk implements Authenticator {
    final Queue<CompletableFuture<Verdict>> waiting = new ArrayDeque<>();
    final Queue<Attempt> attempts = new ArrayDeque<>();

    @Override
    public CompletionStage<Verdict> authenticate(Attempt attempt) {
      var verdict = new CompletableFuture<Verdict>();
      waiting.add(verdict);
      attempts.add(attempt);
      return verdict;
    }

    void say(Verdict verdict) {
      waiting.remove().complete(verdict);
    }
  }

  private static DeepstreamOptions options() {
    return new DeepstreamOptions(
        "/deepstream",
        Duration.ofSeconds(10),
        4,
        3,
        Duration.ofSeconds(30),
        1000,
        100,
        1 << 20,
        1 << 20,
        JsonLimits.DEFAULT,
        DeepstreamOptions.Features.ALL);
  }

  @Test
  void aClientIsChallengedThenLogsIn() {
    peer.challenge("7.0.5");
    assertEquals(List.of("CONNECTION ACCEPT"), peer.take());
    peer.login("{}");
    assertEquals(List.of(), peer.take());
    desk.say(WELCOME);
    assertEquals(List.of("AUTH 3 data=null"), peer.take());
    assertEquals(
        List.of("HEAD_RESPONSE name=r version=-1"),
        peer.ask(DoorHarness.message(RecordAction.HEAD, "r")));
  }

  @Test
  void clientDataGoesToTheClient() {
    peer.challenge("7.0.5");
    peer.login("{}");
    desk.say(new Verdict.Accepted("u", JsonObject.empty(), Json.parse("{\"a\":1}"), null, null));
    assertEquals(List.of("CONNECTION ACCEPT", "AUTH 3 data={\"a\":1}"), peer.take());
  }

  @Test
  void pingIsAnsweredInEveryState() {
    peer.connection(ConnectionAction.PING);
    assertEquals(List.of("CONNECTION PONG"), peer.take());
    peer.challenge("7.0.5");
    peer.take();
    peer.connection(ConnectionAction.PING);
    assertEquals(List.of("CONNECTION PONG"), peer.take());
    peer.login("{}");
    peer.connection(ConnectionAction.PING);
    assertEquals(List.of("CONNECTION PONG"), peer.take());
    desk.say(WELCOME);
    peer.take();
    peer.connection(ConnectionAction.PING);
    assertEquals(List.of("CONNECTION PONG"), peer.take());
  }

  @Test
  void beforeTheChallengeOtherTopicsAreInvalidMessages() {
    peer.login("{}");
    peer.send(DoorHarness.message(RecordAction.READ, "r"));
    peer.bytes(DecodedFrames.bytes("ff"));
    peer.bytes(new byte[0]);
    assertEquals(
        List.of("CONNECTION 101", "CONNECTION 101", "CONNECTION 101", "CONNECTION 101"),
        peer.take());
    assertEquals(2, harness.count(Refusal.UNDECODABLE));
    peer.challenge("7.0.5");
    assertEquals(List.of("CONNECTION ACCEPT"), peer.take());
  }

  @Test
  void afterTheChallengeOtherTopicsAreInvalidMessages() {
    peer.challenge("7.0.5");
    peer.take();
    peer.send(DoorHarness.message(RecordAction.READ, "r"));
    peer.challenge("7.0.5");
    peer.handler.onMessage(MessageKind.TEXT, Unpooled.copiedBuffer("text".getBytes()));
    peer.readComplete();
    assertEquals(List.of("AUTH 101", "AUTH 101", "AUTH 101"), peer.take());
    assertFalse(peer.closed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"notjson", "null", "[]", "1", "\"x\"", "{", "{\"a\":1e999}", ""})
  void aLoginWithoutAnObjectIsAnErrorAndTheEnd(String data) {
    peer.challenge("7.0.5");
    peer.take();
    peer.login(data);
    assertEquals(List.of("AUTH 102"), peer.take());
    assertTrue(peer.closed);
    assertTrue(desk.waiting.isEmpty());
  }

  @Test
  void aLoginWithoutDataOrOfAnotherActionIsAnErrorAndTheEnd() {
    peer.challenge("7.0.5");
    peer.take();
    peer.login(null);
    assertEquals(List.of("AUTH 102"), peer.take());
    assertTrue(peer.closed);

    Peer other = harness.connect();
    other.challenge("7.0.5");
    other.take();
    other.auth(AuthAction.AUTH_SUCCESSFUL, "{}");
    assertEquals(List.of("AUTH 102"), other.take());
    assertTrue(other.closed);
  }

  @Test
  void failedLoginsAreCounted() {
    peer.challenge("7.0.5");
    peer.take();
    peer.login("{}");
    desk.say(new Verdict.Refused(Json.parse("\"no\"")));
    assertEquals(List.of("AUTH 4 data=\"no\""), peer.take());
    peer.login("{}");
    desk.say(Verdict.NotMine.NOT_MINE);
    assertEquals(List.of("AUTH 4"), peer.take());
    peer.login("{}");
    desk.waiting.remove().completeExceptionally(new IllegalStateException("broken"));
    assertEquals(List.of("AUTH 4", "AUTH 100"), peer.take());
    assertTrue(peer.closed);
    assertEquals(3, harness.count(Refusal.LOGIN));
  }

  @Test
  void aLoginThatCouldNotBeJudgedCountsAsNoAttempt() {
    peer.challenge("7.0.5");
    peer.take();
    for (int i = 0; i < 5; i++) {
      peer.login("{}");
      desk.say(new Verdict.Later(Json.parse("{\"error\":\"TRY_AGAIN\"}"), Duration.ZERO));
      assertEquals(List.of("AUTH 4 data={\"error\":\"TRY_AGAIN\"}"), peer.take());
    }
    assertFalse(peer.closed);
  }

  @Test
  void messagesWhileALoginIsJudgedAreOutOfTurn() {
    peer.challenge("7.0.5");
    peer.take();
    peer.login("{}");
    peer.login("{}");
    peer.send(DoorHarness.message(RecordAction.READ, "r"));
    assertEquals(List.of("AUTH 101", "AUTH 101"), peer.take());
    assertEquals(1, desk.waiting.size(), "one login at a time");
  }

  @Test
  void whoDoesNotLogInInTimeIsClosed() {
    peer.tick(Duration.ofSeconds(9));
    assertEquals(List.of(), peer.take());
    peer.tick(Duration.ofSeconds(1));
    assertEquals(List.of("CONNECTION 100"), peer.take());
    assertTrue(peer.closed);
    assertEquals(1, harness.count(Refusal.LOGIN_TIMEOUT));
  }

  @Test
  void theTimeKeepsRunningAfterAFailedLogin() {
    peer.challenge("7.0.5");
    peer.login("{}");
    desk.say(new Verdict.Refused(null));
    peer.take();
    peer.tick(Duration.ofSeconds(10));
    assertEquals(List.of("CONNECTION 100"), peer.take());
    assertTrue(peer.closed);
  }

  @Test
  void aLoginUnderWayIsWaitedFor() {
    peer.challenge("7.0.5");
    peer.login("{}");
    peer.take();
    peer.tick(Duration.ofSeconds(20));
    assertFalse(peer.closed);
    desk.say(WELCOME);
    assertEquals(List.of("AUTH 3 data=null"), peer.take());
    peer.tick(Duration.ofSeconds(1));
    assertFalse(peer.closed);
  }

  @Test
  void aVerdictForAConnectionThatIsGoneIsIgnored() {
    peer.challenge("7.0.5");
    peer.login("{}");
    peer.take();
    peer.disconnect();
    desk.say(WELCOME);
    assertEquals(List.of(), peer.take());
    assertEquals(0, harness.engine.inboxSize());
  }

  @Test
  void anAttemptHoldsWhatTheHandshakeShowed() {
    Peer shown = harness.connect(Map.entry("Authorization", "Bearer abc"));
    shown.challenge("7.0.5");
    shown.login("{}");
    Authenticator.Attempt attempt = desk.attempts.remove();
    assertEquals(Json.parse("{\"token\":\"abc\"}"), attempt.data());
    assertEquals(Map.of("authorization", "Bearer abc"), attempt.headers());
    assertEquals("/deepstream", attempt.door());

    Peer proxied = harness.connect(Map.entry("X-Forwarded-For", "198.51.100.7"));
    proxied.challenge("7.0.5");
    proxied.login("{\"username\":\"ann\"}");
    attempt = desk.attempts.remove();
    assertEquals(Json.parse("{\"username\":\"ann\"}"), attempt.data());
    assertEquals("198.51.100.7", attempt.remoteAddress());
    desk.say(WELCOME);
    desk.say(WELCOME);
    var addresses = harness.connections.list().stream().map(Connections.Entry::address).toList();
    assertEquals(List.of("127.0.0.1", "198.51.100.7"), addresses);
  }

  @Test
  void furtherConnectionsThatHaveNotLoggedInAreClosed() {
    for (int i = 1; i < 4; i++) {
      assertFalse(isTurnedAway(harness.connect()));
    }
    assertTrue(isTurnedAway(harness.connect()));
    assertEquals(1, harness.count(Refusal.UNAUTHENTICATED));
    peer.challenge("7.0.5");
    peer.login("{}");
    desk.say(WELCOME);
    Peer instead = harness.connect();
    assertFalse(isTurnedAway(instead), "who has logged in makes room");
    assertTrue(isTurnedAway(harness.connect()));
    instead.handler.onClosed();
    assertFalse(isTurnedAway(harness.connect()), "so does who leaves");
    peer.handler.onClosed();
    assertTrue(isTurnedAway(harness.connect()), "but not who had made room before");
  }

  @Test
  void theConnectionSilentForLongestMakesRoomUnlessItsLoginIsBeingJudged() {
    peer.challenge("7.0.5");
    peer.login("{}");
    Peer second = harness.connect();
    Peer third = harness.connect();
    Peer fourth = harness.connect();
    harness.nowNanos += Duration.ofSeconds(2).toNanos();
    second.challenge("7.0.5");
    fourth.challenge("7.0.5");
    Peer next = harness.connect();
    assertFalse(isTurnedAway(next));
    assertEquals(List.of(false, false, true), List.of(peer.closed, second.closed, third.closed));
    assertEquals(1013, third.closeCode);
    assertTrue(isTurnedAway(harness.connect()), "nobody else has been silent for a second");
    assertEquals(2, harness.count(Refusal.UNAUTHENTICATED));
    desk.say(new Verdict.Refused(null));
    harness.nowNanos += Duration.ofSeconds(2).toNanos();
    assertFalse(isTurnedAway(harness.connect()));
    assertTrue(second.closed, "silent since before the login was judged");
    assertFalse(peer.closed);
  }

  private boolean isTurnedAway(Peer other) {
    harness.settle();
    return other.closed;
  }

  @Test
  void aConnectionEndsWithItsLogin() {
    var mine = new Verdict.Accepted("u", JsonObject.empty(), null, null, null, "key:1");
    peer.challenge("7.0.5");
    peer.login("{}");
    desk.say(mine);
    Peer judgedBefore = harness.connect();
    judgedBefore.challenge("7.0.5");
    judgedBefore.login("{}");
    harness.revocations.revoke("key:1");
    harness.settle();
    assertTrue(peer.closed);
    desk.say(mine);
    harness.settle();
    assertTrue(judgedBefore.closed);

    var over = new Verdict.Accepted("u", JsonObject.empty(), null, null, Instant.EPOCH);
    Peer late = harness.connect();
    late.challenge("7.0.5");
    late.login("{}");
    desk.say(over);
    harness.settle();
    assertTrue(late.closed);
  }

  @Test
  void zeroMeansNoTimeLimit() {
    var patient =
        new DeepstreamOptions(
            "/",
            Duration.ZERO,
            1000,
            1,
            Duration.ofDays(1),
            1,
            1,
            1,
            1,
            JsonLimits.DEFAULT,
            DeepstreamOptions.Features.ALL);
    Peer idle = new DoorHarness(patient, new OpenAuthenticator(), Guard.OPEN).connect();
    idle.tick(Duration.ofHours(20));
    assertFalse(idle.closed);
  }

  @Test
  void whoIsSilentForTwoHeartbeatsIsClosed() {
    peer.challenge("7.0.5");
    peer.login("{}");
    desk.say(WELCOME);
    peer.tick(Duration.ofSeconds(1));
    peer.tick(Duration.ofSeconds(60));
    assertFalse(peer.closed);
    peer.connection(ConnectionAction.PING);
    peer.tick(Duration.ofSeconds(1));
    peer.tick(Duration.ofSeconds(60));
    assertFalse(peer.closed);
    peer.tick(Duration.ofSeconds(1));
    assertTrue(peer.closed);
    assertEquals(1, harness.count(Refusal.SILENT));
  }

  @Test
  void afterTheLoginUnservedTopicsAreUnknown() {
    peer.challenge("7.0.5");
    peer.login("{}");
    desk.say(WELCOME);
    peer.take();
    // AUTH, 8 to 11, 99, and what is no frame
    for (String topic : new String[] {"03", "08", "09", "0a", "0b", "63"}) {
      peer.bytes(DecodedFrames.bytes("0610" + topic + "1a020802"));
    }
    peer.bytes(DecodedFrames.bytes("ff"));
    peer.bytes(DecodedFrames.bytes("0610051a0208ff"));
    assertEquals(java.util.Collections.nCopies(8, "PARSER 1"), peer.take());
    // a challenge now, an unknown action, an answer's action: nothing
    peer.challenge("7.0.5");
    peer.bytes(DecodedFrames.bytes("0710051a0308e707"));
    peer.send(DoorHarness.message(RecordAction.READ_RESPONSE, "r"));
    harness.settle();
    assertEquals(List.of(), peer.take());
    assertFalse(peer.closed);
  }

  @Test
  void topicsThatAreSwitchedOffAreUnknown() {
    DeepstreamOptions all = DeepstreamOptions.DEFAULT;
    var none =
        new DeepstreamOptions(
            all.path(),
            all.unauthenticatedTimeout(),
            all.unauthenticatedMax(),
            all.maxAuthAttempts(),
            all.heartbeatInterval(),
            all.subscriptionsMax(),
            all.inFlightMax(),
            all.inFlightBytesMax(),
            all.pendingBytesMax(),
            all.documentLimits(),
            new DeepstreamOptions.Features(false, false, false, false));
    var off = new DoorHarness(none, new OpenAuthenticator(), Guard.OPEN);
    Peer client = off.client();
    for (String topic : new String[] {"04", "05", "06", "07"}) {
      client.bytes(DecodedFrames.bytes("0610" + topic + "1a020802"));
    }
    assertEquals(java.util.Collections.nCopies(4, "PARSER 1"), client.take());
    assertFalse(client.closed);
    assertEquals(4, off.count(Refusal.UNKNOWN));
  }
}
