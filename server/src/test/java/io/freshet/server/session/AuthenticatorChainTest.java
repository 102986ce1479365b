// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.Authenticator;
import io.freshet.spi.Authenticator.Attempt;
import io.freshet.spi.Authenticator.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class AuthenticatorChainTest {
  private final List<String> asked = new ArrayList<>();

  private static Verdict accepted(String id) {
    return new Verdict.Accepted(id, JsonObject.empty(), null, null, null);
  }

  private Authenticator saying(String name, Verdict verdict) {
    return attempt -> {
      asked.add(name);
      return CompletableFuture.completedStage(verdict);
    };
  }

  private static Verdict judge(Authenticator authenticator, String login) {
    var attempt = new Attempt((JsonObject) Json.parse(login), "127.0.0.1");
    return authenticator.authenticate(attempt).toCompletableFuture().join();
  }

  @Test
  void theFirstThatKnowsTheLoginDecides() {
    var chain =
        new AuthenticatorChain(
            List.of(
                saying("a", Verdict.NotMine.NOT_MINE),
                saying("b", new Verdict.Refused(Json.parse("1"))),
                saying("c", accepted("c"))));
    assertEquals(new Verdict.Refused(Json.parse("1")), judge(chain, "{}"));
    assertEquals(List.of("a", "b"), asked);
  }

  @Test
  void whoCannotJudgeNowStopsTheChain() {
    var later = new Verdict.Later(Json.parse("{}"), java.time.Duration.ofSeconds(1));
    var chain = new AuthenticatorChain(List.of(saying("a", later), saying("b", accepted("b"))));
    assertEquals(later, judge(chain, "{}"));
    assertEquals(List.of("a"), asked);
  }

  @Test
  void aLoginNobodyKnowsIsRefused() {
    var chain = new AuthenticatorChain(List.of(saying("a", Verdict.NotMine.NOT_MINE)));
    assertEquals(new Verdict.Refused(null), judge(chain, "{}"));
    assertEquals(new Verdict.Refused(null), judge(new AuthenticatorChain(List.of()), "{}"));
  }

  @Test
  void aFailureRefusesAndOpensNoOtherWay() {
    for (Authenticator broken :
        List.<Authenticator>of(
            attempt -> {
              throw new IllegalStateException("at once");
            },
            attempt -> CompletableFuture.failedStage(new IllegalStateException("later")))) {
      var chain = new AuthenticatorChain(List.of(broken, saying("next", accepted("x"))));
      assertEquals(new Verdict.Refused(null), judge(chain, "{}"));
    }
    assertEquals(List.of(), asked);
  }

  @Test
  void openAuthenticationTakesTheNameGiven() {
    var open = new OpenAuthenticator();
    assertEquals(accepted("ann"), judge(open, "{\"username\":\"ann\",\"password\":\"x\"}"));
    assertEquals(accepted("open"), judge(open, "{}"));
    assertEquals(accepted("open"), judge(open, "{\"username\":7}"));
    assertEquals(accepted("open"), judge(open, "{\"username\":\"\"}"));
  }

  @Test
  void anAttemptDoesNotPrintItsSecrets() {
    var attempt = new Attempt((JsonObject) Json.parse("{\"password\":\"secret\"}"), "10.0.0.1");
    assertFalse(attempt.toString().contains("secret"));
  }
}
