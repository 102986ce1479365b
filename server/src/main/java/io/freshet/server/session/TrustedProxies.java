// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.session;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The proxies whose word counts about where a request comes from. Immutable.
public final class TrustedProxies {
  private static final int HOPS_MAX = 32;

  private final List<Network> networks;

  /// Addresses that begin with the same bits.
  private record Network(InetAddress address, int bits) {
    boolean has(InetAddress other) {
      byte[] mine = address.getAddress();
      byte[] its = other.getAddress();
      if (mine.length != its.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> (bit % Byte.SIZE);
        if (((mine[bit / Byte.SIZE] ^ its[bit / Byte.SIZE]) & mask) != 0) {
          return false;
        }
      }
      return true;
    }
  }

  /// @param networks each an address or `10.0.0.0/8`
  /// @throws IllegalArgumentException if one is neither
  public TrustedProxies(List<String> networks) {
    this.networks = networks.stream().map(TrustedProxies::network).toList();
  }

  private static Network network(String text) {
    int slash = text.indexOf('/');
    InetAddress address = address(slash < 0 ? text : text.substring(0, slash));
    if (address != null) {
      int most = address.getAddress().length * Byte.SIZE;
      try {
        int bits = slash < 0 ? most : Integer.parseInt(text.substring(slash + 1));
        if (bits >= 0 && bits <= most) {
          return new Network(address, bits);
        }
      } catch (NumberFormatException _) {
        // The exception below says so.
      }
    }
    throw new IllegalArgumentException(
        "%s is no address or network like 10.0.0.0/8".formatted(text));
  }

  private static @Nullable InetAddress address(String text) {
    try {
      return InetAddress.ofLiteral(text.strip());
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /// Where a request really comes from: from the right, the first address of the header that is no
  /// proxy of ours. What is left of it anybody may have written.
  ///
  /// @param peer of the TCP connection, without the port
  /// @param forwardedFor the header `X-Forwarded-For`; null if absent
  public String clientOf(String peer, @Nullable String forwardedFor) {
    if (forwardedFor == null || !isTrusted(peer)) {
      return peer;
    }
    var hops = new ArrayList<>(List.of(forwardedFor.split(",", -1)));
    String client = peer;
    for (int i = 0; i < HOPS_MAX && !hops.isEmpty() && isTrusted(client); i++) {
      InetAddress hop = address(hops.removeLast());
      if (hop == null) {
        return client;
      }
      client = hop.getHostAddress();
    }
    return client;
  }

  private boolean isTrusted(String text) {
    InetAddress address = address(text);
    return address != null && networks.stream().anyMatch(network -> network.has(address));
  }
}
