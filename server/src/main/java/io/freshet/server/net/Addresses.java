// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;

/// How many connections each address has open. Any thread.
final class Addresses {
  private static final int IPV6_NETWORK_BYTES = 8;

  private final PeerLimits limits;

  /// By address; no more entries than connections.
  private final ConcurrentHashMap<ByteBuffer, Integer> counts = new ConcurrentHashMap<>();

  Addresses(PeerLimits limits) {
    this.limits = limits;
  }

  int size() {
    return counts.size();
  }

  /// Whether one more connection of an address may be open; if so it is counted until it is closed.
  boolean enter(Channel channel, InetAddress address) {
    if (limits.connectionsPerAddress() == 0
        || limits.exempt().has(address)
        || limits.proxies().isTrusted(address)) {
      return true;
    }
    ByteBuffer key = key(address);
    if (counts.merge(key, 1, Integer::sum) > limits.connectionsPerAddress()) {
      leave(key);
      return false;
    }
    channel.closeFuture().addListener(_ -> leave(key));
    return true;
  }

  /// Who has one IPv6 address usually has the network of it.
  private static ByteBuffer key(InetAddress address) {
    byte[] bytes = address.getAddress();
    return ByteBuffer.wrap(
            bytes.length == IPV6_NETWORK_BYTES * 2
                ? Arrays.copyOf(bytes, IPV6_NETWORK_BYTES)
                : bytes)
        .asReadOnlyBuffer();
  }

  private void leave(ByteBuffer key) {
    counts.computeIfPresent(key, (_, count) -> count == 1 ? null : count - 1);
  }
}
