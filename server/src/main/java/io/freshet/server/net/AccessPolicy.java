// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which `Host` and `Origin` headers are let in, on every route. Without this any web page could
/// drive a server on its reader's own machine: directly (its `Origin` tells) or by a name of its
/// own that it lets point to 127.0.0.1 (the `Host` tells).
///
/// Loopback names and addresses are always let in, and so is a request without an `Origin`, which
/// no browser sends to another site.
///
/// @param hosts further host names or addresses, lower case, without port
/// @param anyAddress whether every `Host` that is an address rather than a name is let in; right
///   for a server listening on all interfaces, since only a name can be made to point elsewhere
/// @param origins further origins, lower case, as a browser sends them: `https://app.example`
public record AccessPolicy(Set<String> hosts, boolean anyAddress, Set<String> origins) {

  private static final Pattern HOST_AND_PORT =
      Pattern.compile("(\\[(?<address>[^\\[\\]]*)]|(?<name>[^:\\[\\]]*))(:[0-9]{0,5})?");

  public AccessPolicy {
    hosts = Set.copyOf(hosts);
    origins = Set.copyOf(origins);
  }

  /// Why a request is turned away, in words for its sender; empty if it is let in.
  Optional<String> refusal(String host, @Nullable String origin) {
    if (!hostAllowed(hostOf(host))) {
      return Optional.of(
          "this server does not answer to the host in the Host header;"
              + " add it to server.hosts if it should");
    }
    if (origin != null && !letsIn(origin)) {
      return Optional.of(
          "pages of this origin may not use this server; add it to server.origins if they should");
    }
    return Optional.empty();
  }

  private boolean hostAllowed(String host) {
    return isLoopback(host) || hosts.contains(host) || (anyAddress && address(host) != null);
  }

  /// Whether pages of an origin may use this server.
  boolean letsIn(String sentOrigin) {
    String origin = sentOrigin.toLowerCase(Locale.ROOT);
    if (origins.contains(origin)) {
      return true;
    }
    int scheme = origin.indexOf("://");
    return scheme > 0 && isLoopback(hostOf(origin.substring(scheme + 3)));
  }

  /// Whether a bare host (no port, no brackets) can only mean this machine. Asks no name server.
  public static boolean isLoopback(String host) {
    if (host.equals("localhost") || host.endsWith(".localhost")) {
      return true;
    }
    InetAddress address = address(host);
    return address != null && address.isLoopbackAddress();
  }

  private static @Nullable InetAddress address(String host) {
    try {
      return InetAddress.ofLiteral(host);
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  /// The host of `host`, `host:port` or `[address]:port`, in lower case; all of it if it is none of
  /// them, so that nothing is let in for how it begins.
  private static String hostOf(String hostAndPort) {
    String text = hostAndPort.toLowerCase(Locale.ROOT);
    Matcher parts = HOST_AND_PORT.matcher(text);
    if (!parts.matches()) {
      return text;
    }
    String address = parts.group("address");
    return address == null ? parts.group("name") : address;
  }
}
