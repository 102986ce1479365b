// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.Authenticator.Attempt;
import io.freshet.spi.Authenticator.Verdict;
import io.freshet.testkit.VirtualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TokensTest {
  private static final Duration LIFE = Duration.ofHours(1);

  private final VirtualClock clock = VirtualClock.atNoon();
  private final Revocations revocations = new Revocations();
  private final Tokens tokens = new Tokens(new Random(1), clock, LIFE, revocations);

  private static Verdict.Accepted login(String user, String own, Instant expiresAt) {
    return new Verdict.Accepted(user, JsonObject.empty(), null, own, expiresAt);
  }

  private Verdict shown(String token) {
    return tokens
        .authenticate(new Attempt(Tokens.shown(token), "127.0.0.1"))
        .toCompletableFuture()
        .join();
  }

  @Test
  void standForTheirLoginUntilTheirTimeIsOver() {
    String token = tokens.issue(login("anna", null, null), revocations.mark());
    assertNotEquals(token, tokens.issue(login("anna", null, null), revocations.mark()));
    clock.advance(LIFE.minusMillis(1));
    assertEquals(login("anna", token, clock.instant().plusMillis(1)), shown(token));
    clock.advance(Duration.ofMillis(1));
    assertEquals(Verdict.NotMine.NOT_MINE, shown(token));
  }

  @Test
  void endWithTheLoginIfThatEndsEarlier() {
    Instant end = clock.instant().plusSeconds(5);
    String token = tokens.issue(login("anna", null, end), revocations.mark());
    assertEquals(login("anna", token, end), shown(token));
    clock.advance(Duration.ofSeconds(5));
    assertEquals(Verdict.NotMine.NOT_MINE, shown(token));
  }

  @Test
  void leaveThoseOfAuthenticatorsToThem() {
    assertEquals("theirs", tokens.issue(login("olga", "theirs", null), revocations.mark()));
    assertEquals(Verdict.NotMine.NOT_MINE, shown("theirs"));
    JsonObject number = JsonObject.of("token", JsonNumber.of(1));
    for (JsonObject data : new JsonObject[] {JsonObject.empty(), number}) {
      var verdict = tokens.authenticate(new Attempt(data, "127.0.0.1"));
      assertEquals(Verdict.NotMine.NOT_MINE, verdict.toCompletableFuture().join());
    }
  }

  @Test
  void forgetTheOldestWhenThereAreTooMany() {
    String first = tokens.issue(login("first", null, null), revocations.mark());
    String second = tokens.issue(login("second", null, null), revocations.mark());
    for (int i = 0; i < 99_999; i++) {
      tokens.issue(login("more", null, null), revocations.mark());
    }
    assertEquals(Verdict.NotMine.NOT_MINE, shown(first));
    assertEquals(login("second", second, clock.instant().plus(LIFE)), shown(second));
  }

  @Test
  void endWhenTheirLoginIsTakenBack() {
    var login = new Verdict.Accepted("anna", JsonObject.empty(), null, null, null, "key:1");
    long before = revocations.mark();
    String token = tokens.issue(login, before);
    String other = tokens.issue(login("olga", null, null), before);
    assertEquals("key:1", ((Verdict.Accepted) shown(token)).credential());
    revocations.revoke("key:1");
    assertEquals(Verdict.NotMine.NOT_MINE, shown(token));
    assertEquals("olga", ((Verdict.Accepted) shown(other)).userId());
    assertEquals(Verdict.NotMine.NOT_MINE, shown(tokens.issue(login, before)), "judged before");
    String anew = tokens.issue(login, revocations.mark());
    assertEquals("anna", ((Verdict.Accepted) shown(anew)).userId(), "judged after");
  }
}
