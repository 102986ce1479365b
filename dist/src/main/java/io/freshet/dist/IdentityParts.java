// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.engine.listen.Timers;
import io.freshet.server.config.AuthSettings;
import io.freshet.server.config.FreshetConfig;
import io.freshet.server.files.Refreshable;
import io.freshet.server.files.UnusableFileException;
import io.freshet.server.identity.ApiKeyAuthenticator;
import io.freshet.server.identity.BoundedWork;
import io.freshet.server.identity.CertificateAuthenticator;
import io.freshet.server.identity.FileAuthenticator;
import io.freshet.server.identity.HttpAuthenticator;
import io.freshet.server.identity.JwtAuthenticator;
import io.freshet.server.identity.KeyOptions;
import io.freshet.server.identity.LoginGate;
import io.freshet.server.identity.PasswordHash;
import io.freshet.server.identity.TokenAlgorithm;
import io.freshet.server.metrics.Metrics;
import io.freshet.server.session.AuthenticatorChain;
import io.freshet.server.session.Connections;
import io.freshet.server.session.OpenAuthenticator;
import io.freshet.server.session.Revocations;
import io.freshet.server.session.Tokens;
import io.freshet.server.session.TrustedProxies;
import io.freshet.spi.Authenticator;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Everything that finds out who a client is, and ends what a login opened, with the threads it
/// runs on. Shared by all doors.
final class IdentityParts implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(IdentityParts.class);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final long REFRESH_SECONDS = 1;
  private static final int HASHES_WAITING_MAX = 2000;
  private static final int QUESTIONS_MAX = 64;
  private static final int QUESTIONS_WAITING_MAX = 2000;

  private final InstantSource clock = InstantSource.system();
  private final List<AutoCloseable> owned = new ArrayList<>();
  private final List<BoundedWork> hashings = new ArrayList<>();
  private final List<BoundedWork> askings = new ArrayList<>();
  private final List<Refreshable> refreshables = new ArrayList<>();
  private final Revocations revocations = new Revocations();
  private final Metrics metrics;
  private final Connections connections;
  private final Tokens tokens;
  private final TrustedProxies proxies;
  private final Authenticator authenticator;

  /// @throws RefusedException with everything that cannot be used: files, keys
  static IdentityParts open(FreshetConfig config, Metrics metrics) {
    return new IdentityParts(config, metrics);
  }

  /// Whether strangers are kept out.
  static boolean isOn(FreshetConfig config) {
    List<AuthSettings> auth = config.auth();
    return !auth.isEmpty() && auth.stream().noneMatch(AuthSettings.Open.class::isInstance);
  }

  private IdentityParts(FreshetConfig config, Metrics metrics) {
    this.metrics = metrics;
    this.connections = new Connections(clock, timers(), revocations, perUserMax(config));
    metrics.counter(
        "freshet.connections.users.refused",
        "Connections that were refused because their user had too many",
        connections::refused);
    this.tokens = new Tokens(new SecureRandom(), clock, config.access().tokenLife(), revocations);
    this.proxies =
        new TrustedProxies(
            config.server().trustedProxies(),
            config.server().forwarded()
                ? TrustedProxies.Header.FORWARDED
                : TrustedProxies.Header.X_FORWARDED_FOR);
    var problems = new ArrayList<String>();
    var authenticators = new ArrayList<Authenticator>();
    for (AuthSettings settings : config.auth()) {
      try {
        authenticators.add(authenticator(settings));
      } catch (UnusableFileException e) {
        problems.add(
            "auth.%d: %s".formatted(authenticators.size() + problems.size(), e.getMessage()));
      }
    }
    if (!problems.isEmpty()) {
      close();
      throw new RefusedException(ExitCode.USAGE, String.join(System.lineSeparator(), problems));
    }
    addQueue("login-hashing", List.copyOf(hashings));
    addQueue("login-asking", List.copyOf(askings));
    this.authenticator = authenticators.isEmpty() ? open() : gate(authenticators, config);
  }

  /// Where nobody has to say who he is, everybody is the same user.
  private static int perUserMax(FreshetConfig config) {
    int max = config.peers().connectionsPerUser();
    return max == 0 || !isOn(config) ? Integer.MAX_VALUE : max;
  }

  private void addQueue(String queue, List<BoundedWork> all) {
    metrics.queue(
        queue,
        () -> all.stream().mapToLong(BoundedWork::waiting).sum(),
        () -> all.stream().mapToLong(BoundedWork::refused).sum());
  }

  private Timers timers() {
    var scheduler =
        new ScheduledThreadPoolExecutor(1, Thread.ofVirtual().name("freshet-ends").factory());
    scheduler.setRemoveOnCancelPolicy(true);
    owned.add(scheduler::shutdownNow);
    return (delay, task) -> {
      var scheduled = scheduler.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
      return () -> scheduled.cancel(false);
    };
  }

  private Authenticator open() {
    return new AuthenticatorChain(List.of(tokens, new OpenAuthenticator()));
  }

  private Authenticator gate(List<Authenticator> authenticators, FreshetConfig config) {
    var options = LoginGate.Options.DEFAULT.withFailuresFree(config.loginFailuresPerAddress());
    authenticators.addFirst(tokens);
    var gate = new LoginGate(new AuthenticatorChain(authenticators), options, clock);
    metrics.gauge(
        "freshet.login.addresses", "Addresses remembered for failed logins", gate::addresses);
    return gate;
  }

  Connections connections() {
    return connections;
  }

  Tokens tokens() {
    return tokens;
  }

  TrustedProxies proxies() {
    return proxies;
  }

  /// The server's own tokens and all authenticators, in order, behind the gate.
  Authenticator authenticator() {
    return authenticator;
  }

  private Authenticator authenticator(AuthSettings settings) {
    return switch (settings) {
      case AuthSettings.Open() -> new OpenAuthenticator();
      case AuthSettings.File file -> refreshed(file(file));
      case AuthSettings.Http http -> http(http);
      case AuthSettings.Jwt jwt -> refreshed(jwt(jwt));
      case AuthSettings.Certificate(boolean subject) ->
          new CertificateAuthenticator(
              subject
                  ? CertificateAuthenticator.Identity.SUBJECT
                  : CertificateAuthenticator.Identity.CN,
              clock);
      case AuthSettings.ApiKeys(String keys) ->
          refreshed(new ApiKeyAuthenticator(Path.of(keys), clock, revocations::revoke));
    };
  }

  private <A extends Authenticator & Refreshable> A refreshed(A authenticator) {
    refreshables.add(authenticator);
    return authenticator;
  }

  private FileAuthenticator file(AuthSettings.File file) {
    var hashing =
        owned(BoundedWork.hashing(Runtime.getRuntime().availableProcessors(), HASHES_WAITING_MAX));
    hashings.add(hashing);
    Optional<PasswordHash.Pbkdf2.Parameters> pbkdf2 =
        file.pbkdf2()
            .map(found ->
                new PasswordHash.Pbkdf2.Parameters(
                    found.hash(), found.iterations(), found.keyLength()));
    return new FileAuthenticator(
        new FileAuthenticator.Options(
            Path.of(file.users()), pbkdf2, file.reportInvalidParameters()),
        hashing,
        clock,
        revocations::revoke);
  }

  private Authenticator http(AuthSettings.Http http) {
    var options =
        new HttpAuthenticator.Options(
            http.url(),
            new HashSet<>(http.permittedStatusCodes()),
            http.requestTimeout(),
            new HashSet<>(http.retryStatusCodes()),
            http.retryAttempts(),
            http.retryInterval(),
            http.promoteToHeader(),
            http.reportInvalidParameters());
    return new HttpAuthenticator(options, client(), asking(), Thread::sleep);
  }

  private JwtAuthenticator jwt(AuthSettings.Jwt jwt) {
    KeyOptions key =
        switch (jwt.key()) {
          case AuthSettings.JwtKey.Secret(String secret) -> new KeyOptions.Secret(secret);
          case AuthSettings.JwtKey.PublicKey(String pem) -> new KeyOptions.PublicKey(pem);
          case AuthSettings.JwtKey.JwksFile(String file) ->
              new KeyOptions.JwksInFile(Path.of(file));
          case AuthSettings.JwtKey.JwksUrl url ->
              new KeyOptions.JwksAt(url.url(), url.refresh(), client());
        };
    boolean set =
        jwt.key() instanceof AuthSettings.JwtKey.JwksFile
            || jwt.key() instanceof AuthSettings.JwtKey.JwksUrl;
    if (set && jwt.audiences().isEmpty()) {
      log.warn(
          "auth: a jwt entry with jwks has no audience, so tokens that the issuer made for"
              + " other programs are good here, too");
    }
    var options =
        new JwtAuthenticator.Options(
            algorithms(jwt, key),
            jwt.issuer(),
            jwt.audiences(),
            jwt.leeway(),
            jwt.userClaim(),
            jwt.rolesClaim(),
            jwt.clientDataClaim());
    return new JwtAuthenticator(options, key, asking(), clock);
  }

  private static Set<TokenAlgorithm> algorithms(AuthSettings.Jwt jwt, KeyOptions key) {
    if (!jwt.algorithms().isEmpty()) {
      return jwt.algorithms().stream()
          .map(name -> TokenAlgorithm.of(name).orElseThrow())
          .collect(Collectors.toSet());
    }
    return key.algorithm()
        .map(Set::of)
        .orElse(Set.of(TokenAlgorithm.RS256, TokenAlgorithm.ES256, TokenAlgorithm.EDDSA));
  }

  private BoundedWork asking() {
    var asking = owned(BoundedWork.waiting(QUESTIONS_MAX, QUESTIONS_WAITING_MAX));
    askings.add(asking);
    return asking;
  }

  private HttpClient client() {
    HttpClient client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();
    // Its close would wait for answers.
    owned.add(client::shutdownNow);
    return client;
  }

  private BoundedWork owned(BoundedWork work) {
    owned.add(work);
    return work;
  }

  /// Something else to look at; before it begins.
  void watch(Refreshable refreshable) {
    refreshables.add(refreshable);
  }

  /// Begins to look for changes, each of the files and issuers on a thread of its own.
  void start() {
    if (refreshables.isEmpty()) {
      return;
    }
    var scheduler =
        new ScheduledThreadPoolExecutor(
            refreshables.size(), Thread.ofVirtual().name("freshet-refresh-", 0).factory());
    owned.add(scheduler::shutdownNow);
    for (Refreshable refreshable : refreshables) {
      var _ =
          scheduler.scheduleWithFixedDelay(
              () -> refresh(refreshable), 0, REFRESH_SECONDS, TimeUnit.SECONDS);
    }
  }

  /// Looks for changes now.
  void refresh() {
    refreshables.forEach(IdentityParts::refresh);
  }

  /// The schedule would end with the first failure.
  private static void refresh(Refreshable refreshable) {
    try {
      synchronized (refreshable) {
        refreshable.refresh();
      }
    } catch (RuntimeException e) {
      log.error("could not look for changes; please report this", e);
    }
  }

  @Override
  public void close() {
    for (AutoCloseable each : owned.reversed()) {
      try {
        each.close();
      } catch (Exception e) {
        log.warn("could not end what finds out who clients are", e);
      }
    }
  }
}
