// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ValuesTest {
  record User(String email, int age, List<String> tags, boolean isActive) {
    String getNick() {
      return email;
    }
  }

  @Test
  void filtersAreThoseOfTheServer() {
    assertEquals(
        "{\"AND\":[{\"email\":{\"endsWith\":\"@x\",\"mode\":\"insensitive\"}},"
            + "{\"age\":{\"gte\":18}}]}",
        Filter.text(User::email)
            .ignoringCase()
            .endsWith("@x")
            .and(Filter.ordered(User::age).atLeast(18))
            .toString());
    assertEquals(
        "{\"OR\":[{\"tags\":{\"hasSome\":[\"a\"]}},{\"NOT\":{\"nick\":{\"equals\":null}}}]}",
        Filter.list(User::tags)
            .hasSome(List.of("a"))
            .or(Filter.where(User::getNick).isNull().negated())
            .toString());
    assertEquals(
        "{\"active\":{\"equals\":true}}", Filter.where(User::isActive).equalTo(true).toString());
    assertEquals(
        "{\"a.b\":{\"lt\":1}}", Filter.<User, Integer>orderedPath("a.b").lessThan(1).toString());
    assertEquals(Filter.<User>any(), Filter.<User>any());
    Getter<User, String> lambda = user -> user.email();
    assertThrows(FreshetClientException.class, () -> Filter.where(lambda));
  }

  @Test
  void diffsApplyToCopies() {
    Map<String, Object> before = Map.of("a", Map.of("b", 1L, "c.d", 2L), "keep", "x", "gone", true);
    var diff =
        new Diff(
            Map.of("a.e", 3L),
            Map.of("gone", true),
            Map.of(
                "a.c\\.d",
                new FieldChange(2L, List.of(9L), false),
                "/keep",
                new FieldChange("x", "y", false)));
    assertEquals(
        Map.of("a", Map.of("b", 1L, "c.d", List.of(9L), "e", 3L), "keep", "y"),
        diff.applyTo(before));
    assertFalse(diff.isEmpty());
    assertThrows(FreshetClientException.class, () -> diff.applyTo(Map.of("a", 1L)));
  }

  @Test
  void tokensKnowWhenTheyEnd() {
    String claims =
        Base64.getUrlEncoder()
            .encodeToString("{\"exp\":1795320000}".getBytes(StandardCharsets.UTF_8));
    assertEquals(Instant.ofEpochSecond(1795320000), Token.of("h." + claims + ".s").expiresAt());
    assertNull(Token.of("opaque").expiresAt());
    assertNull(Token.of("a.b.c").expiresAt());
    assertFalse(Token.of("secret").toString().contains("secret"));
  }

  @Test
  void addressesGetTheDoorsPath() {
    assertEquals("ws://h:1/ws", SocketAddress.of("h:1").toString());
    assertEquals("wss://h/ws", SocketAddress.of("https://h/").toString());
    assertEquals("ws://h/other?x=1", SocketAddress.of("http://h/other?x=1").toString());
    assertThrows(FreshetClientException.class, () -> SocketAddress.of("ftp://h"));
  }

  @Test
  void waitsGrowAndAreSpread() {
    var backoff = new Backoff(1_000, 30_000);
    assertEquals(500, backoff.waitMs(0, 0));
    assertEquals(8_000, backoff.waitMs(3, 1));
    assertEquals(30_000, backoff.waitMs(1_000_000, 1));
  }

  @Test
  void awaitThrowsWhatTheStageFailedWith() {
    var why = FreshetClientException.of(409, "REVISION_CONFLICT", "stale");
    var failed = CompletableFuture.failedFuture(why).thenApply(any -> any);
    FreshetClientException thrown =
        assertThrows(FreshetClientException.Conflict.class, () -> FreshetClient.await(failed));
    assertEquals("conflict: stale", thrown.getMessage());
    assertInstanceOf(
        FreshetClientException.Invalid.class, FreshetClientException.of(422, "TYPE_MISMATCH", "x"));
    assertTrue(FreshetClientException.unavailable("x").isPassing());
  }

  @Test
  void framesAreWrittenAsTheyAreRead() {
    String frame =
        new FrameText("sync")
            .text("a", "ü\"\n")
            .text("b", null)
            .number("n", 7L)
            .flag("f", false)
            .end();
    assertEquals("{\"type\":\"sync\",\"a\":\"ü\\\"\\n\",\"n\":7}", frame);
  }
}
