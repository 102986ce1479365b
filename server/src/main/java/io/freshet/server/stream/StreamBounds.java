// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.stream;

/// What a stream may have under way.
///
/// @param windowEvents most events sent and not acknowledged, unless the client asks otherwise
/// @param windowBytes most bytes of them
public record StreamBounds(int windowEvents, int windowBytes) {
  public static final StreamBounds DEFAULT = new StreamBounds(256, 1 << 20);

  /// Most a client may ask for.
  public static final int WINDOW_EVENTS_MAX = 65_536;

  public StreamBounds {
    if (windowEvents < 1 || windowEvents > WINDOW_EVENTS_MAX || windowBytes < 1) {
      throw new IllegalArgumentException("a window out of bounds");
    }
  }
}
