// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The issuer's keys from its address. Fetched at the first need and again from time to time; and
/// when a token names an unknown key, which is how a new key is met, but then not more often than
/// every half minute, or anybody could have the issuer asked without end. While the issuer does not
/// answer, the keys last had stay good.
///
/// Threading: any thread; a fetch makes others that need it wait, at most [#FETCH_TIMEOUT].
final class JwksUrl implements KeySource {
  private static final Logger log = LoggerFactory.getLogger(JwksUrl.class);
  private static final Duration FETCH_TIMEOUT = Duration.ofSeconds(5);
  private static final int BYTES_MAX = 1 << 20;
  private static final int OK = 200;

  /// Between fetches that nobody asked for by the clock.
  static final Duration REFETCH_PAUSE = Duration.ofSeconds(30);

  private final URI url;
  private final Duration refresh;
  private final HttpClient client;
  private final InstantSource clock;
  private volatile @Nullable Jwks known;
  private volatile Instant tried = Instant.MIN;

  /// @param refresh how long fetched keys are used before they are fetched again
  JwksUrl(URI url, Duration refresh, HttpClient client, InstantSource clock) {
    this.url = url;
    this.refresh = refresh;
    this.client = client;
    this.clock = clock;
  }

  @Override
  public List<TokenKey> keys(TokenAlgorithm algorithm, @Nullable String keyId) {
    List<TokenKey> found = find(algorithm, keyId);
    if (found.isEmpty()) {
      fetchIfOlderThan(REFETCH_PAUSE);
      found = find(algorithm, keyId);
    }
    return found;
  }

  private List<TokenKey> find(TokenAlgorithm algorithm, @Nullable String keyId) {
    Jwks keys = known;
    return keys == null ? List.of() : keys.find(algorithm, keyId);
  }

  @Override
  public boolean isReady() {
    return known != null;
  }

  @Override
  public void refresh() {
    fetchIfOlderThan(known == null ? REFETCH_PAUSE : refresh);
  }

  private synchronized void fetchIfOlderThan(Duration age) {
    Instant now = clock.instant();
    if (tried.equals(Instant.MIN) || !now.isBefore(tried.plus(age))) {
      tried = now;
      fetch();
    }
  }

  private void fetch() {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(FETCH_TIMEOUT)
            .header("Accept", "application/json")
            .build();
    var response =
        client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), BYTES_MAX));
    try {
      var answer = response.get(FETCH_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      if (answer.statusCode() != OK) {
        throw new IOException("answered with status " + answer.statusCode());
      }
      known = Jwks.parse(url.toString(), new String(answer.body(), StandardCharsets.UTF_8));
      log.debug("fetched the keys of {}", url);
    } catch (ExecutionException e) {
      failed(e.getCause());
    } catch (IOException | IdentityException | TimeoutException e) {
      failed(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      response.cancel(true);
    }
  }

  private void failed(@Nullable Throwable reason) {
    log.warn(
        "cannot fetch the keys of {}: {}; {}",
        url,
        String.valueOf(reason),
        known == null ? "no token can be checked" : "the keys known so far stay in use");
  }
}
