// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.gate;

import java.time.Duration;

/// Bounds on one connection of a socket gateway.
///
/// @param heartbeatInterval a connection silent for twice this long is closed
/// @param inFlightMax most commands under way in the engine
/// @param inFlightBytesMax bytes of messages under way, above which a connection is not read
/// @param pendingBytesMax bytes waiting for a connection, above which a slow reader is closed
public record DoorBounds(
    Duration heartbeatInterval, int inFlightMax, int inFlightBytesMax, int pendingBytesMax) {
  public DoorBounds {
    require(heartbeatInterval.isPositive(), "heartbeatInterval");
    require(inFlightMax > 0 && inFlightBytesMax > 0, "inFlightMax");
    require(pendingBytesMax > 0, "pendingBytesMax");
  }

  private static void require(boolean holds, String component) {
    if (!holds) {
      throw new IllegalArgumentException(component + " out of bounds");
    }
  }
}
