// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.server.session.Networks;
import io.freshet.server.session.TrustedProxies;
import java.util.List;

/// What one address and one connection may take. Zero means as much as they like.
///
/// @param connectionsPerAddress open at the same time; of IPv6 a /64 counts as one address
/// @param exempt addresses that are not counted
/// @param proxies addresses that speak for others, which are counted instead
/// @param messagesPerSecond of one connection; on HTTP, requests
/// @param bytesPerSecond of one connection
/// @param faultsPerSecond messages of one connection that make no sense
public record PeerLimits(
    int connectionsPerAddress,
    Networks exempt,
    TrustedProxies proxies,
    int messagesPerSecond,
    int bytesPerSecond,
    int faultsPerSecond) {
  /// No limits.
  public static final PeerLimits NONE =
      new PeerLimits(0, Networks.NONE, new TrustedProxies(List.of()), 0, 0, 0);

  public PeerLimits {
    if (connectionsPerAddress < 0
        || messagesPerSecond < 0
        || bytesPerSecond < 0
        || faultsPerSecond < 0) {
      throw new IllegalArgumentException("a limit below zero");
    }
  }

  boolean isPaced() {
    return messagesPerSecond > 0 || bytesPerSecond > 0;
  }
}
