// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.protocol.json.JsonLimits;
import io.freshet.server.gate.DoorBounds;
import java.time.Duration;

/// @param path of the WebSocket route
/// @param unauthenticatedTimeout for a connection to log in; zero means for ever
/// @param unauthenticatedMax most connections that have not logged in; further ones are closed
/// @param maxAuthAttempts failed logins after which a connection is closed
/// @param heartbeatInterval a connection silent for twice this long is closed
/// @param subscriptionsMax most records, events and users one connection may subscribe to and
///   procedures it may provide, all together
/// @param inFlightMax most commands of one connection under way in the engine
/// @param inFlightBytesMax bytes of messages under way, above which a connection is not read
/// @param pendingBytesMax bytes waiting for a connection, above which a slow reader is closed
/// @param documentLimits bounds on JSON
/// @param features what is served
public record DeepstreamOptions(
    String path,
    Duration unauthenticatedTimeout,
    int unauthenticatedMax,
    int maxAuthAttempts,
    Duration heartbeatInterval,
    int subscriptionsMax,
    int inFlightMax,
    int inFlightBytesMax,
    int pendingBytesMax,
    JsonLimits documentLimits,
    Features features) {
  public static final DeepstreamOptions DEFAULT =
      new DeepstreamOptions(
          "/deepstream",
          Duration.ofSeconds(180),
          10_000,
          3,
          Duration.ofSeconds(30),
          100_000,
          1024,
          2 << 20,
          16 << 20,
          JsonLimits.DEFAULT,
          Features.ALL);

  /// Which topics are served; messages of the others are answered as unknown. Without presence this
  /// door's connections count as nobody's.
  public record Features(boolean record, boolean event, boolean rpc, boolean presence) {
    public static final Features ALL = new Features(true, true, true, true);
  }

  public DeepstreamOptions {
    require(path.startsWith("/"), "path");
    require(!unauthenticatedTimeout.isNegative(), "unauthenticatedTimeout");
    require(unauthenticatedMax > 0, "unauthenticatedMax");
    require(maxAuthAttempts > 0, "maxAuthAttempts");
    require(subscriptionsMax > 0, "subscriptionsMax");
  }

  DoorBounds bounds() {
    return new DoorBounds(heartbeatInterval, inFlightMax, inFlightBytesMax, pendingBytesMax);
  }

  private static void require(boolean holds, String component) {
    if (!holds) {
      throw new IllegalArgumentException(component + " out of bounds");
    }
  }
}
