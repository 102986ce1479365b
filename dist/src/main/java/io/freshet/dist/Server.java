// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.protocol.mutation.Mutations;
import io.freshet.server.config.FreshetConfig;
import io.freshet.server.deepstream.DeepstreamDoor;
import io.freshet.server.deepstream.DeepstreamOptions;
import io.freshet.server.gate.DoorBounds;
import io.freshet.server.metrics.Metrics;
import io.freshet.server.net.AccessPolicy;
import io.freshet.server.net.NetOptions;
import io.freshet.server.net.NetServer;
import io.freshet.server.net.PeerLimits;
import io.freshet.server.net.SocketLimits;
import io.freshet.server.permissions.Permissions;
import io.freshet.server.session.Networks;
import io.freshet.server.stream.StreamBounds;
import io.freshet.server.sync.DocumentIds;
import io.freshet.server.sync.SyncDoor;
import io.freshet.server.sync.SyncLimits;
import io.freshet.server.sync.SyncOptions;
import io.freshet.server.sync.SyncReader;
import io.freshet.server.tls.ServerCertificate;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A running server: the composition root. Everything is made here, from the store up to the
/// sockets, and stopped in the reverse order. No other class sees the whole configuration.
final class Server implements AutoCloseable {
  private static final int EVENT_LOOPS_MAX = 16;
  private static final int PENDING_BYTES_LOW = 32 * 1024;
  private static final int PENDING_BYTES_HIGH = 64 * 1024;
  private static final int REQUESTS_MAX = 4096;
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration SOCKETS_PATIENCE = Duration.ofSeconds(1);

  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
  private final IdentityParts identity;
  private final Optional<ServerCertificate> certificate;
  private final DataParts data;
  private final HttpParts http;
  private final NetServer net;

  /// Makes all parts and begins to accept connections.
  ///
  /// @throws io.freshet.protocol.error.FreshetException if the data directory cannot be used
  /// @throws io.freshet.server.net.BindFailedException if the address cannot be had
  static Server start(FreshetConfig config, Metrics metrics) {
    return new Server(config, metrics);
  }

  private Server(FreshetConfig config, Metrics metrics) {
    Optional<Permissions> permissions = PermissionParts.open(config);
    this.identity = IdentityParts.open(config, metrics);
    permissions.ifPresent(identity::watch);
    this.certificate = certificate(config, metrics);
    certificate.ifPresent(identity::watch);
    try {
      this.data = DataParts.start(config, PermissionParts.guard(permissions), metrics);
    } catch (RuntimeException e) {
      identity.close();
      throw e;
    }
    permissions.ifPresent(rules -> rules.followedBy(data::renewRules));
    this.http =
        new HttpParts(
            config, data.commands(), identity, permissions, certificate, blocking, metrics);
    try {
      DeepstreamDoor deepstream = deepstream(config, metrics);
      SyncDoor sync = sync(config, metrics);
      var pulse = new PulseParts(config, data, http.desk(), identity, metrics);
      this.net =
          NetServer.start(
              netOptions(config),
              List.of(deepstream, sync, pulse.stream(), pulse.subscribe()),
              List.of(sync.streams(), sync.changeStreams()),
              http.routes(data::health, deepstream.traffic(), metrics),
              metrics);
    } catch (RuntimeException e) {
      http.close();
      data.close();
      identity.close();
      blocking.shutdown();
      throw e;
    }
    identity.start();
  }

  private Optional<ServerCertificate> certificate(FreshetConfig config, Metrics metrics) {
    try {
      return TlsParts.open(config, metrics);
    } catch (RuntimeException e) {
      identity.close();
      throw e;
    }
  }

  private DeepstreamDoor deepstream(FreshetConfig config, Metrics metrics) {
    FreshetConfig.Deepstream deepstream = config.deepstream();
    FreshetConfig.Limits limits = config.limits();
    FreshetConfig.Features features = deepstream.features();
    DeepstreamOptions defaults = DeepstreamOptions.DEFAULT;
    var options =
        new DeepstreamOptions(
            defaults.path(),
            deepstream.unauthenticatedTimeout(),
            limits.unauthenticatedConnectionsMax(),
            deepstream.authAttemptsMax(),
            deepstream.heartbeatInterval(),
            limits.subscriptionsPerConnectionMax(),
            defaults.inFlightMax(),
            defaults.inFlightBytesMax(),
            limits.pendingBytesPerConnectionMax(),
            DataParts.documentLimits(config),
            new DeepstreamOptions.Features(
                features.record(), features.event(), features.rpc(), features.presence()));
    return new DeepstreamDoor(
        options,
        data.commands(),
        identity.authenticator(),
        identity.proxies(),
        identity.connections(),
        new DeepstreamMeters(metrics, options.path()),
        System::nanoTime);
  }

  private SyncDoor sync(FreshetConfig config, Metrics metrics) {
    FreshetConfig.Deepstream logins = config.deepstream();
    FreshetConfig.Limits limits = config.limits();
    var options =
        new SyncOptions(
            SyncOptions.PATH,
            !IdentityParts.isOn(config),
            logins.unauthenticatedTimeout(),
            limits.unauthenticatedConnectionsMax(),
            logins.authAttemptsMax(),
            new DoorBounds(
                SyncOptions.HEARTBEAT,
                SyncOptions.IN_FLIGHT_MAX,
                SyncOptions.IN_FLIGHT_BYTES_MAX,
                limits.pendingBytesPerConnectionMax() / 4 * 3),
            Math.min(SyncOptions.SUBSCRIPTIONS_MAX, limits.subscriptionsPerConnectionMax()),
            new SyncLimits(DataParts.documentLimits(config), Mutations.OPERATIONS_MAX),
            streamBounds(config));
    return new SyncDoor(
        options,
        data.commands(),
        new SyncReader(options.limits(), new DocumentIds(new SecureRandom())),
        identity.authenticator(),
        identity.proxies(),
        identity.connections(),
        new SyncMeters(metrics, options.path()),
        new StreamMeters(metrics, options.path()),
        data.sources()::model,
        InstantSource.system(),
        System::nanoTime);
  }

  static StreamBounds streamBounds(FreshetConfig config) {
    FreshetConfig.Streams streams = config.streams();
    return new StreamBounds(streams.windowEvents(), streams.windowBytes());
  }

  private NetOptions netOptions(FreshetConfig config) {
    FreshetConfig.Server server = config.server();
    FreshetConfig.Limits limits = config.limits();
    return new NetOptions(
        server.host(),
        server.port(),
        eventLoops(Runtime.getRuntime().availableProcessors()),
        access(server),
        new SocketLimits(
            limits.messageBytesMax(),
            PENDING_BYTES_HIGH,
            PENDING_BYTES_LOW,
            limits.pendingBytesPerConnectionMax(),
            limits.connectionsMax(),
            REQUESTS_MAX,
            buffersBytesMax(),
            REQUEST_TIMEOUT),
        peers(config),
        TlsParts.options(config, certificate));
  }

  private PeerLimits peers(FreshetConfig config) {
    FreshetConfig.Peers peers = config.peers();
    return new PeerLimits(
        peers.connectionsPerAddress(),
        new Networks(peers.exempt()),
        identity.proxies(),
        peers.messagesPerSecond(),
        peers.bytesPerSecond(),
        peers.badMessagesPerSecond());
  }

  /// Half of what there is: the JVM gives buffers as much memory as it gives the heap. The other
  /// half is for the gaps between them.
  private static long buffersBytesMax() {
    return Runtime.getRuntime().maxMemory() / 2;
  }

  /// Half the processors: the other half decides, commits and collects garbage.
  private static int eventLoops(int processors) {
    return Math.clamp(processors / 2, 1, EVENT_LOOPS_MAX);
  }

  private static AccessPolicy access(FreshetConfig.Server server) {
    var hosts = new HashSet<>(server.hosts());
    hosts.add(server.host().toLowerCase(Locale.ROOT));
    return new AccessPolicy(hosts, isWildcard(server.host()), new HashSet<>(server.origins()));
  }

  private static boolean isWildcard(String host) {
    try {
      return InetAddress.ofLiteral(host).isAnyLocalAddress();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /// Where clients reach it, with the port that was picked.
  URI url() {
    InetSocketAddress address = net.address();
    String host = address.getAddress().getHostAddress();
    int zone = host.indexOf('%');
    String bare = zone < 0 ? host : host.substring(0, zone);
    String shown = bare.contains(":") ? "[" + bare + "]" : bare;
    String scheme = certificate.isPresent() ? "https" : "http";
    return URI.create("%s://%s:%d".formatted(scheme, shown, address.getPort()));
  }

  /// Looks now at all files that may have changed: users, keys, permissions, certificates.
  void lookAtFiles() {
    identity.refresh();
  }

  /// Stops accepting, closes every socket after what is queued for it, commits what has been taken,
  /// and ends all threads. Takes at most about four seconds.
  @Override
  public void close() {
    net.close(SOCKETS_PATIENCE);
    http.close();
    identity.close();
    data.close();
    blocking.shutdownNow();
  }
}
