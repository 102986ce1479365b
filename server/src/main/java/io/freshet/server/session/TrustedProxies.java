// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.session;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The proxies whose word counts about where a request comes from, and in which header they say it.
/// Only one header counts: what proxies do not write themselves they often pass on as it came.
/// Immutable.
public final class TrustedProxies {
  private static final int HOPS_MAX = 32;

  private final Networks networks;
  private final Header header;

  /// Where proxies say it.
  public enum Header {
    X_FORWARDED_FOR("x-forwarded-for"),
    /// RFC 7239.
    FORWARDED("forwarded");

    private final String key;

    Header(String key) {
      this.key = key;
    }

    /// Its name, lower case.
    public String key() {
      return key;
    }
  }

  /// @param networks each an address or `10.0.0.0/8`
  /// @throws IllegalArgumentException if one is neither
  public TrustedProxies(List<String> networks) {
    this(networks, Header.X_FORWARDED_FOR);
  }

  /// As the other, of proxies that use another header.
  public TrustedProxies(List<String> networks, Header header) {
    this.networks = new Networks(networks);
    this.header = header;
  }

  /// The header that [#clientOf] wants.
  public Header header() {
    return header;
  }

  /// Where a request really comes from: from the right, the first address of the header that is no
  /// proxy of ours. What is left of it anybody may have written.
  ///
  /// @param peer of the TCP connection, without the port
  /// @param said in the header, several of them joined by commas; null if it is absent
  public String clientOf(String peer, @Nullable String said) {
    if (said == null || !isTrusted(peer)) {
      return peer;
    }
    var hops = new ArrayList<>(List.of(said.split(",", -1)));
    String client = peer;
    for (int i = 0; i < HOPS_MAX && !hops.isEmpty() && isTrusted(client); i++) {
      InetAddress hop = Networks.address(bare(hops.removeLast()));
      if (hop == null) {
        return client;
      }
      client = hop.getHostAddress();
    }
    return client;
  }

  /// The address in one part of the header.
  private String bare(String hop) {
    String text =
        switch (header) {
          case X_FORWARDED_FOR -> hop.strip();
          case FORWARDED -> forOf(hop);
        };
    if (text.startsWith("[")) {
      int end = text.indexOf(']');
      return end < 0 ? "" : text.substring(1, end);
    }
    int colon = text.indexOf(':');
    return colon > 0 && colon == text.lastIndexOf(':') ? text.substring(0, colon) : text;
  }

  /// Of `for="[2001:db8::1]:4711";proto=https`.
  private static String forOf(String hop) {
    for (String pair : hop.split(";", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0 && pair.substring(0, equals).strip().equalsIgnoreCase("for")) {
        return pair.substring(equals + 1).strip().replace("\"", "");
      }
    }
    return "";
  }

  /// Whether what this address says counts.
  public boolean isTrusted(InetAddress address) {
    return networks.has(address);
  }

  private boolean isTrusted(String text) {
    InetAddress address = Networks.address(text);
    return address != null && networks.has(address);
  }
}
