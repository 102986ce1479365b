// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.server.config.FreshetConfig;
import io.freshet.server.metrics.Metrics;
import io.freshet.server.net.AccessPolicy;
import io.freshet.server.net.Door;
import io.freshet.server.net.HealthRoute;
import io.freshet.server.net.MetricsRoute;
import io.freshet.server.net.NetOptions;
import io.freshet.server.net.NetServer;
import io.freshet.server.net.SocketLimits;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A running server: the composition root. Everything is made here, top down in the order data
/// flows out, and stopped in the reverse order. No other class sees the whole configuration.
public final class Server implements AutoCloseable {
  private static final int EVENT_LOOPS_MAX = 16;
  private static final int PENDING_BYTES_LOW = 32 * 1024;
  private static final int PENDING_BYTES_HIGH = 64 * 1024;
  private static final int REQUESTS_MAX = 4096;
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration SOCKETS_PATIENCE = Duration.ofSeconds(1);

  private final ExecutorService blocking;
  private final NetServer net;

  /// Makes all parts and begins to accept connections.
  ///
  /// @param doors the gateways
  /// @throws io.freshet.server.net.BindFailedException if the address cannot be had
  static Server start(FreshetConfig config, List<Door> doors, Metrics metrics) {
    return new Server(config, doors, metrics);
  }

  private Server(FreshetConfig config, List<Door> doors, Metrics metrics) {
    this.blocking = Executors.newVirtualThreadPerTaskExecutor();
    try {
      this.net =
          NetServer.start(
              netOptions(config),
              doors,
              List.of(new HealthRoute(), new MetricsRoute(metrics, blocking)),
              metrics);
    } catch (RuntimeException e) {
      blocking.shutdown();
      throw e;
    }
  }

  private static NetOptions netOptions(FreshetConfig config) {
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
            REQUEST_TIMEOUT));
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
    return URI.create("http://%s:%d".formatted(shown, address.getPort()));
  }

  /// Stops accepting, closes every socket after what is queued for it, and ends all threads.
  @Override
  public void close() {
    net.close(SOCKETS_PATIENCE);
    blocking.shutdownNow();
  }
}
