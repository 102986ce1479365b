// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.server.gate.DoorBounds;
import io.freshet.server.stream.StreamBounds;
import java.time.Duration;

/// @param path of the WebSocket route
/// @param open whether everybody is let in, so that nobody has to log in
/// @param unauthenticatedTimeout for a connection to log in; zero means for ever
/// @param unauthenticatedMax most connections that have not logged in; further ones are closed
/// @param maxAuthAttempts failed logins after which a connection is closed
/// @param bounds of a connection
/// @param subscriptionsMax most subscriptions of one connection
/// @param limits of what is asked
/// @param streams bounds of a change stream
public record SyncOptions(
    String path,
    boolean open,
    Duration unauthenticatedTimeout,
    int unauthenticatedMax,
    int maxAuthAttempts,
    DoorBounds bounds,
    int subscriptionsMax,
    SyncLimits limits,
    StreamBounds streams) {
  /// Where clients knock.
  public static final String PATH = "/ws";

  /// How often a connection wants to hear from its client.
  public static final Duration HEARTBEAT = Duration.ofSeconds(25);

  /// Commands of one connection under way in the engine, and their bytes.
  public static final int IN_FLIGHT_MAX = 1024;

  public static final int IN_FLIGHT_BYTES_MAX = 2 << 20;

  /// Subscriptions of one connection, whatever is allowed elsewhere: they may overlap.
  public static final int SUBSCRIPTIONS_MAX = 10_000;

  public SyncOptions {
    require(path.startsWith("/"), "path");
    require(!unauthenticatedTimeout.isNegative(), "unauthenticatedTimeout");
    require(unauthenticatedMax > 0, "unauthenticatedMax");
    require(maxAuthAttempts > 0, "maxAuthAttempts");
    require(subscriptionsMax > 0, "subscriptionsMax");
  }

  private static void require(boolean holds, String component) {
    if (!holds) {
      throw new IllegalArgumentException(component + " out of bounds");
    }
  }
}
