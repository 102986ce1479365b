// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import io.freshet.server.tls.ClientAuth;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A checked configuration: one record per part of the server. Immutable.
public final class FreshetConfig {
  private static final long FRAMING_BYTES = 64 * 1024;

  private final Settings settings;
  private final CollectionSettings allCollections;
  private final List<CollectionRule> rules;
  private final List<AuthReader.Auth> auth;
  private final List<SourceReader.Source> sources;

  /// @param host address or name to bind
  /// @param port 0 for any
  /// @param hosts further names clients may use
  /// @param origins further origins let in
  /// @param trustedProxies addresses and networks whose word about addresses counts
  /// @param forwarded whether they use the header `Forwarded`; otherwise `X-Forwarded-For`
  public record Server(
      String host,
      int port,
      List<String> hosts,
      List<String> origins,
      List<String> trustedProxies,
      boolean forwarded) {}

  /// How connections are encrypted.
  ///
  /// @param certificate name of the file, as the other two
  public record Tls(
      String certificate,
      String key,
      Optional<String> clientCa,
      ClientAuth clientAuth,
      Duration handshakeTimeout,
      int handshakesMax) {}

  /// @param adminToken empty if admin calls are off
  /// @param tokenLife of tokens the server issues
  public record Access(Optional<String> adminToken, Duration tokenLife) {
    @Override
    public String toString() {
      return "Access[]";
    }
  }

  /// The HTTP API.
  ///
  /// @param authEndpoint whether tokens are issued
  /// @param authData whether requests may carry login data
  public record Http(Duration requestTimeout, boolean authEndpoint, boolean authData) {}

  public record Deepstream(
      Duration listenResponseTimeout,
      Duration listenRematchInterval,
      boolean listenShuffleProviders,
      Rpc rpc,
      Features features,
      Duration unauthenticatedTimeout,
      int authAttemptsMax,
      Duration heartbeatInterval) {}

  public record Rpc(
      Duration acceptTimeout,
      Duration responseTimeout,
      boolean provideRequestorName,
      boolean provideRequestorData) {}

  /// What deepstream clients are served.
  public record Features(boolean record, boolean event, boolean rpc, boolean presence) {}

  /// Change streams.
  ///
  /// @param perCollectionMax most that are open on one collection
  public record Streams(boolean enabled, int windowEvents, int windowBytes, int perCollectionMax) {}

  /// What a model of the Pulse door's clients stands for.
  ///
  /// @param collection empty for the one named like it
  /// @param idField empty for `id`
  public record PulseModel(Optional<String> collection, Optional<String> idField) {}

  /// @param messageBytesMax largest WebSocket message: the document's limit and 64 KiB
  public record Limits(
      int documentBytesMax,
      int messageBytesMax,
      int depthMax,
      int membersMax,
      int connectionsMax,
      int unauthenticatedConnectionsMax,
      int subscriptionsPerConnectionMax,
      int pendingBytesPerConnectionMax) {}

  /// What one address, user and connection may take; 0 for as much as they like.
  ///
  /// @param exempt addresses that are not counted
  public record Peers(
      int connectionsPerAddress,
      List<String> exempt,
      int connectionsPerUser,
      int messagesPerSecond,
      int bytesPerSecond,
      int badMessagesPerSecond) {}

  /// @param bytes of one log
  /// @param tombstones how long deleted documents are remembered
  public record Retention(Duration age, long bytes, Duration tombstones) {}

  public record Logging(LogLevel level, LogFormat format) {}

  private FreshetConfig(
      Settings settings, List<AuthReader.Auth> auth, List<SourceReader.Source> sources) {
    this.settings = settings;
    this.auth = auth;
    this.sources = sources;
    this.allCollections = new CollectionSettings(settings.get(Keys.DEFAULT_DURABILITY));
    // A name beats a pattern; of patterns the first written wins (the sort is stable).
    this.rules =
        settings.names(Keys.COLLECTION_DURABILITY.prefix()).stream()
            .map(name -> CollectionRule.of(name, settings))
            .sorted(Comparator.comparing(rule -> !rule.isExact()))
            .toList();
  }

  /// @throws ConfigException with everything that is wrong
  public static FreshetConfig load(ConfigInput input) {
    var loader = new ConfigLoader(Keys.ALL);
    Settings settings = loader.load(input);
    var problems = new ArrayList<>(loader.problems());
    if (settings.get(Keys.PENDING_BYTES) < settings.get(Keys.DOCUMENT_BYTES) + FRAMING_BYTES) {
      problems.add(
          "limits.pendingPerConnection must be at least limits.document + 64KiB, or a client could"
              + " not be sent the largest document");
    }
    checkTls(settings, problems);
    List<AuthReader.Auth> auth = AuthReader.read(loader.auth(), problems);
    if (settings.get(EdgeKeys.CLIENT_CA).isEmpty()
        && auth.stream().anyMatch(entry -> entry.type().equals("certificate"))) {
      problems.add(
          "auth: an entry of type certificate needs server.tls.clientCa, which says whose"
              + " certificates are trusted");
    }
    List<SourceReader.Source> sources = SourceReader.read(loader.sources(), problems);
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return new FreshetConfig(settings, auth, sources);
  }

  private static void checkTls(Settings settings, List<String> problems) {
    boolean certificate = !settings.get(EdgeKeys.CERTIFICATE).isEmpty();
    boolean key = !settings.get(EdgeKeys.CERTIFICATE_KEY).isEmpty();
    boolean clientCa = !settings.get(EdgeKeys.CLIENT_CA).isEmpty();
    if (certificate != key) {
      problems.add("server.tls.certificate and server.tls.key must be given together");
    }
    if (clientCa && !certificate) {
      problems.add("server.tls.clientCa needs server.tls.certificate and server.tls.key");
    }
    if (settings.get(EdgeKeys.CLIENT_AUTH) != ClientAuth.NONE && !clientCa) {
      problems.add(
          "server.tls.clientAuth needs server.tls.clientCa, which says whose certificates are"
              + " trusted");
    }
  }

  /// Empty for plain text.
  public Optional<Tls> tls() {
    return Optional.of(settings.get(EdgeKeys.CERTIFICATE))
        .filter(file -> !file.isEmpty())
        .map(file ->
            new Tls(
                file,
                settings.get(EdgeKeys.CERTIFICATE_KEY),
                Optional.of(settings.get(EdgeKeys.CLIENT_CA)).filter(ca -> !ca.isEmpty()),
                clientAuth(),
                settings.get(EdgeKeys.HANDSHAKE_TIMEOUT),
                whole(EdgeKeys.HANDSHAKES)));
  }

  private ClientAuth clientAuth() {
    return settings.origin(EdgeKeys.CLIENT_AUTH).isPresent()
            || settings.get(EdgeKeys.CLIENT_CA).isEmpty()
        ? settings.get(EdgeKeys.CLIENT_AUTH)
        : ClientAuth.REQUIRED;
  }

  public Server server() {
    return new Server(
        settings.get(Keys.HOST),
        whole(Keys.PORT),
        settings.get(Keys.HOSTS),
        settings.get(Keys.ORIGINS),
        settings.get(Keys.TRUSTED_PROXIES),
        settings.get(EdgeKeys.FORWARDED_HEADER) == EdgeKeys.ForwardedHeader.FORWARDED);
  }

  /// Who is asked who a client is, in order; empty if nobody is.
  public List<AuthSettings> auth() {
    return auth.stream().map(entry -> AuthReader.settings(entry, auth.size() == 1)).toList();
  }

  /// Databases whose tables are collections.
  public List<SourceSettings> sources() {
    return sources.stream().map(SourceReader::settings).toList();
  }

  /// How many failed logins an address has before it must wait between attempts.
  public int loginFailuresPerAddress() {
    return whole(Keys.LOGIN_FAILURES);
  }

  /// The file that says who may do what; empty if everybody may do everything.
  public Optional<String> permissions() {
    return Optional.of(settings.get(Keys.PERMISSIONS)).filter(file -> !file.isEmpty());
  }

  /// The embedded store's directory, relative to the working directory.
  public String data() {
    return settings.get(Keys.DATA);
  }

  /// What holds for a collection of this name.
  public CollectionSettings collection(String name) {
    return rules.stream()
        .filter(rule -> rule.matches(name))
        .findFirst()
        .map(rule -> rule.over(allCollections))
        .orElse(allCollections);
  }

  /// What holds for collections no rule names.
  public CollectionSettings allCollections() {
    return allCollections;
  }

  /// The settings by name or pattern (`*` stands for any characters); the first that fits a
  /// collection holds.
  public Map<String, CollectionSettings> collections() {
    var byPattern = new LinkedHashMap<String, CollectionSettings>();
    rules.forEach(rule -> byPattern.put(rule.namePattern(), rule.over(allCollections)));
    return byPattern;
  }

  /// How long, and how much of, each log is kept, and what was deleted.
  public Retention retention() {
    return new Retention(
        settings.get(Keys.RETENTION_AGE),
        settings.get(Keys.RETENTION_BYTES),
        settings.get(Keys.RETENTION_TOMBSTONES));
  }

  public Access access() {
    return new Access(
        Optional.of(settings.get(Keys.ADMIN_TOKEN)).filter(token -> !token.isEmpty()),
        settings.get(Keys.TOKEN_LIFE));
  }

  public Http http() {
    return new Http(
        settings.get(Keys.HTTP_REQUEST_TIMEOUT),
        settings.get(Keys.HTTP_AUTH_ENDPOINT),
        settings.get(Keys.HTTP_AUTH_DATA));
  }

  public Deepstream deepstream() {
    return new Deepstream(
        settings.get(Keys.LISTEN_RESPONSE_TIMEOUT),
        settings.get(Keys.LISTEN_REMATCH),
        settings.get(Keys.LISTEN_SHUFFLE),
        new Rpc(
            settings.get(Keys.RPC_ACCEPT_TIMEOUT),
            settings.get(Keys.RPC_RESPONSE_TIMEOUT),
            settings.get(Keys.RPC_REQUESTOR_NAME),
            settings.get(Keys.RPC_REQUESTOR_DATA)),
        new Features(
            settings.get(Keys.FEATURE_RECORD),
            settings.get(Keys.FEATURE_EVENT),
            settings.get(Keys.FEATURE_RPC),
            settings.get(Keys.FEATURE_PRESENCE)),
        settings.get(Keys.UNAUTHENTICATED_TIMEOUT),
        whole(Keys.MAX_AUTH_ATTEMPTS),
        settings.get(Keys.HEARTBEAT_INTERVAL));
  }

  public Streams streams() {
    return new Streams(
        settings.get(Keys.STREAMS_ENABLED),
        whole(Keys.STREAM_WINDOW_EVENTS),
        whole(Keys.STREAM_WINDOW_BYTES),
        whole(Keys.STREAMS_PER_COLLECTION));
  }

  /// By name, those of which something is said.
  public Map<String, PulseModel> pulseModels() {
    var models = new LinkedHashMap<String, PulseModel>();
    for (String name : settings.names(Keys.PULSE_COLLECTION.prefix())) {
      models.put(
          name,
          new PulseModel(
              settings.get(Keys.PULSE_COLLECTION, name), settings.get(Keys.PULSE_ID_FIELD, name)));
    }
    return models;
  }

  public Limits limits() {
    return new Limits(
        whole(Keys.DOCUMENT_BYTES),
        Math.toIntExact(settings.get(Keys.DOCUMENT_BYTES) + FRAMING_BYTES),
        whole(Keys.DEPTH),
        whole(Keys.MEMBERS),
        whole(Keys.CONNECTIONS),
        whole(Keys.UNAUTHENTICATED),
        whole(Keys.SUBSCRIPTIONS),
        whole(Keys.PENDING_BYTES));
  }

  public Peers peers() {
    return new Peers(
        whole(EdgeKeys.PER_ADDRESS),
        settings.get(EdgeKeys.EXEMPT),
        whole(EdgeKeys.PER_USER),
        whole(EdgeKeys.MESSAGES),
        whole(EdgeKeys.BYTES),
        whole(EdgeKeys.FAULTS));
  }

  public Logging logging() {
    return new Logging(settings.get(Keys.LOG_LEVEL), settings.get(Keys.LOG_FORMAT));
  }

  /// Everything in effect as YAML, each line with its origin; secrets are masked. What is printed
  /// can be read again, but for the secrets.
  public String print() {
    return ConfigPrinter.print(settings, Keys.ALL)
        + AuthPages.print(auth)
        + SourcePages.print(sources);
  }

  /// The reference page of all keys, in Markdown.
  public static String reference() {
    return ReferencePage.of(Keys.ALL) + AuthPages.reference() + SourcePages.reference();
  }

  // Every bound of a whole number or size used here is within an int.
  private int whole(Key<Long> key) {
    return Math.toIntExact(settings.get(key));
  }
}
