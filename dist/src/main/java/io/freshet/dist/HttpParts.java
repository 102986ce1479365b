// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.protocol.json.JsonLimits;
import io.freshet.server.admin.ConnectionsRoute;
import io.freshet.server.admin.MonitoringRoute;
import io.freshet.server.admin.RecordsRoute;
import io.freshet.server.admin.ReloadRoute;
import io.freshet.server.admin.StreamsRoute;
import io.freshet.server.admin.UsersRoute;
import io.freshet.server.config.FreshetConfig;
import io.freshet.server.deepstream.DeepstreamTraffic;
import io.freshet.server.deepstream.http.ApiOptions;
import io.freshet.server.deepstream.http.ApiRoute;
import io.freshet.server.deepstream.http.AuthRoute;
import io.freshet.server.metrics.Metrics;
import io.freshet.server.net.AdminToken;
import io.freshet.server.net.HealthRoute;
import io.freshet.server.net.HttpRoute;
import io.freshet.server.net.MetricsRoute;
import io.freshet.server.permissions.Permissions;
import io.freshet.server.session.Commands;
import io.freshet.server.session.Connections;
import io.freshet.server.session.Desk;
import io.freshet.server.session.HttpLogins;
import io.freshet.server.sync.Answering;
import io.freshet.server.sync.DocumentIds;
import io.freshet.server.sync.SyncLimits;
import io.freshet.server.sync.SyncReader;
import io.freshet.server.sync.http.BatchRoute;
import io.freshet.server.sync.http.DocumentsRoute;
import io.freshet.server.sync.http.OpenApiRoute;
import io.freshet.server.sync.http.SyncHttpOptions;
import io.freshet.server.tls.ServerCertificate;
import io.freshet.spi.Health;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;

/// Everything that is answered over HTTP.
final class HttpParts implements AutoCloseable {
  private static final int MUTATIONS_MAX = 500;

  private final IdentityParts identity;
  private final HttpLogins logins;
  private final FreshetConfig config;
  private final Optional<Permissions> permissions;
  private final Optional<ServerCertificate> certificate;
  private final ExecutorService blocking;
  private final Desk desk;

  HttpParts(
      FreshetConfig config,
      Commands commands,
      IdentityParts identity,
      Optional<Permissions> permissions,
      Optional<ServerCertificate> certificate,
      ExecutorService blocking,
      Metrics metrics) {
    this.config = config;
    this.blocking = blocking;
    this.identity = identity;
    this.permissions = permissions;
    this.certificate = certificate;
    this.logins = new HttpLogins(identity.authenticator(), identity.proxies());
    this.desk = new Desk(commands, blocking, new SecureRandom().nextLong());
    metrics.gauge(
        "freshet.http.commands", "Commands of HTTP requests not answered yet", desk::inFlight);
  }

  /// Where requests ask the engine.
  Desk desk() {
    return desk;
  }

  List<HttpRoute> routes(Supplier<Health> health, DeepstreamTraffic traffic, Metrics metrics) {
    var admin = new AdminToken(config.access().adminToken());
    var routes = new ArrayList<HttpRoute>();
    routes.add(new HealthRoute(health));
    routes.add(new MetricsRoute(metrics, admin, blocking));
    addApi(routes);
    JsonLimits documents = DataParts.documentLimits(config);
    routes.add(new RecordsRoute(admin, desk, documents));
    routes.add(new ConnectionsRoute(admin, identity.connections(), blocking));
    routes.add(new StreamsRoute(admin, desk));
    routes.add(ReloadRoute.ofPermissions(admin, permissions, blocking));
    routes.add(ReloadRoute.ofCertificate(admin, certificate, blocking));
    routes.add(new UsersRoute(admin, identity.connections(), blocking));
    routes.add(new MonitoringRoute(admin, () -> counts(traffic), InstantSource.system(), blocking));
    return routes;
  }

  private MonitoringRoute.Counts counts(DeepstreamTraffic traffic) {
    DeepstreamTraffic.Counts counts = traffic.take();
    DeepstreamTraffic.Logins webSocket = counts.logins();
    List<Connections.Entry> there = identity.connections().list();
    return new MonitoringRoute.Counts(
        counts.received(),
        counts.sent(),
        counts.errors(),
        Map.of(
            "websocket", new MonitoringRoute.Logins(webSocket.allowed(), webSocket.declined()),
            "http", new MonitoringRoute.Logins(logins.takeAllowed(), logins.takeDeclined())),
        Map.of(
            "CONNECTIONS",
            (long) there.size(),
            "ONLINE_USERS",
            there.stream().map(Connections.Entry::user).distinct().count()));
  }

  private void addApi(List<HttpRoute> routes) {
    FreshetConfig.Http http = config.http();
    var options =
        new ApiOptions(
            DataParts.documentLimits(config), http.requestTimeout(), http.authData(), topics());
    routes.add(new ApiRoute(options, desk, logins));
    addDocuments(routes, http.requestTimeout());
    if (http.authEndpoint()) {
      routes.add(new AuthRoute(options, identity.tokens(), logins));
    }
  }

  private void addDocuments(List<HttpRoute> routes, Duration requestTimeout) {
    var limits = new SyncLimits(DataParts.documentLimits(config), MUTATIONS_MAX);
    var options = new SyncHttpOptions(limits, requestTimeout);
    var answering = new Answering(InstantSource.system());
    var reader = new SyncReader(limits, new DocumentIds(new SecureRandom()));
    routes.add(new DocumentsRoute(options, desk, logins, answering, reader));
    routes.add(new BatchRoute(options, desk, logins, answering, reader));
    routes.add(new OpenApiRoute());
  }

  /// Lists are records.
  private Set<String> topics() {
    FreshetConfig.Features features = config.deepstream().features();
    var topics = new HashSet<>(ApiOptions.TOPICS);
    topics.removeIf(topic ->
        switch (topic) {
          case "event" -> !features.event();
          case "rpc" -> !features.rpc();
          case "presence" -> !features.presence();
          default -> !features.record();
        });
    return topics;
  }

  @Override
  public void close() {
    desk.close();
  }
}
