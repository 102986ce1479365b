// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import io.freshet.server.gate.DoorBounds;
import io.freshet.server.stream.StreamBounds;
import java.time.Duration;

/// @param models what the models of clients stand for
/// @param bounds of a connection
/// @param streams bounds of a stream
/// @param openWithin how long a client may have to wait for the answer to its handshake
public record PulseOptions(
    PulseModels models, DoorBounds bounds, StreamBounds streams, Duration openWithin) {
  /// Node's clients show that they are there every 5 s; those that cannot are asked after so long.
  public static final Duration HEARTBEAT = Duration.ofSeconds(20);

  public static final Duration OPEN_WITHIN = Duration.ofSeconds(10);

  public static final int IN_FLIGHT_MAX = 64;
  public static final int IN_FLIGHT_BYTES_MAX = 64 << 10;
}
