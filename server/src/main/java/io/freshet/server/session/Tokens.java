// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.session;

import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.spi.Authenticator;
import io.freshet.spi.Authenticator.Verdict.Accepted;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Tokens that stand for a login made before: issued by the server, shown at any door as `{"token":
/// "…"}`. As an authenticator it knows its own tokens and nothing else, so it goes first in a
/// chain.
///
/// Kept in memory, as hashes, up to a number; then the oldest is forgotten. A restart forgets all.
///
/// Threading: any thread.
public final class Tokens implements Authenticator {
  private static final int BYTES = 32;
  private static final int KEPT_MAX = 100_000;

  private final RandomGenerator random;
  private final InstantSource clock;
  private final Duration life;

  /// By hash, in the order they were issued, which is nearly that in which they end.
  private final Map<String, Grant> grants = new LinkedHashMap<>();

  private final Revocations revocations;

  private record Grant(Accepted login, Instant until) {}

  /// @param random cryptographically strong
  /// @param life of a token, unless the login itself ends earlier
  /// @param revocations of logins; their tokens end with them
  public Tokens(
      RandomGenerator random, InstantSource clock, Duration life, Revocations revocations) {
    this.random = random;
    this.clock = clock;
    this.life = life;
    this.revocations = revocations;
    revocations.onRevoked(this::revoked);
  }

  /// The login data that shows a token, as every authenticator gets it.
  public static JsonObject shown(String token) {
    return JsonObject.of("token", JsonString.of(token));
  }

  /// A token for a login: the authenticator's own if it gave one, else a new one.
  ///
  /// @param mark of the revocations, taken before the login was judged
  public String issue(Accepted login, long mark) {
    String own = login.token();
    if (own != null) {
      return own;
    }
    var bytes = new byte[BYTES];
    random.nextBytes(bytes);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    Instant now = clock.instant();
    Instant until = now.plus(life);
    Instant end = login.expiresAt();
    keep(hash(token), new Grant(login, end == null || end.isAfter(until) ? until : end), now);
    if (revocations.isRevokedSince(mark, login.credential())) {
      revoked(String.valueOf(login.credential()));
    }
    return token;
  }

  /// A moment to give to [#issue]. Take it before the login is judged.
  public long mark() {
    return revocations.mark();
  }

  private synchronized void keep(String hash, Grant grant, Instant now) {
    Iterator<Grant> oldest = grants.values().iterator();
    while (oldest.hasNext()) {
      boolean over = !oldest.next().until().isAfter(now);
      if (!over && grants.size() < KEPT_MAX) {
        break;
      }
      oldest.remove();
    }
    grants.put(hash, grant);
  }

  private synchronized void revoked(String credential) {
    grants.values().removeIf(grant -> credential.equals(grant.login().credential()));
  }

  private synchronized @Nullable Grant grant(String hash) {
    Grant grant = grants.get(hash);
    if (grant != null && !grant.until().isAfter(clock.instant())) {
      grants.remove(hash);
      return null;
    }
    return grant;
  }

  @Override
  public CompletionStage<Verdict> authenticate(Attempt attempt) {
    return CompletableFuture.completedStage(judge(attempt.data()));
  }

  private Verdict judge(JsonObject data) {
    if (!(data.get("token") instanceof JsonString token)) {
      return Verdict.NotMine.NOT_MINE;
    }
    Grant grant = grant(hash(token.value()));
    if (grant == null) {
      return Verdict.NotMine.NOT_MINE;
    }
    Accepted login = grant.login();
    return new Accepted(
        login.userId(),
        login.serverData(),
        login.clientData(),
        token.value(),
        grant.until(),
        login.credential());
  }

  private static String hash(String token) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
