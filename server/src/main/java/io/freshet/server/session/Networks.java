// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.session;

import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A set of addresses and networks. Immutable.
public final class Networks {
  /// No address at all.
  public static final Networks NONE = new Networks(List.of());

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
  public Networks(List<String> networks) {
    this.networks = networks.stream().map(Networks::network).toList();
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

  /// The address that a text is; null if it is none. Asks no name server.
  public static @Nullable InetAddress address(String text) {
    try {
      return InetAddress.ofLiteral(text.strip());
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  public boolean has(InetAddress address) {
    for (Network network : networks) {
      if (network.has(address)) {
        return true;
      }
    }
    return false;
  }
}
