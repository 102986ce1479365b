// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import java.time.Duration;

/// Bounds of what one peer, and all peers together, can make the server hold.
///
/// @param messageBytesMax the largest WebSocket message accepted; above it close code 1009
/// @param pendingBytesHigh queued for one connection, from where it is reported as not writable
/// @param pendingBytesLow below which it is writable again
/// @param pendingBytesMax queued for one connection, above which it is closed
/// @param connectionsMax open connections of all kinds; further ones are closed at once
/// @param requestsMax connections that have not (yet) become WebSockets or event streams; further
///   ones are closed
/// @param buffersBytesMax in buffers of all connections together, above which those that hold most
///   are closed
/// @param requestTimeout for a connection to send its whole HTTP request, the first or the next, or
///   to take its answer; a second more for each 64 KiB of body
public record SocketLimits(
    int messageBytesMax,
    int pendingBytesHigh,
    int pendingBytesLow,
    int pendingBytesMax,
    int connectionsMax,
    int requestsMax,
    long buffersBytesMax,
    Duration requestTimeout) {

  static final int REQUEST_LINE_BYTES_MAX = 8 * 1024;
  static final int HEADER_BYTES_MAX = 16 * 1024;

  /// Where clients say in their headers what they want.
  static final int LONG_HEADER_BYTES_MAX = 256 * 1024;

  /// The largest body of a request nobody expects one of.
  static final int BODY_BYTES_MAX = 64 * 1024;

  /// Each second gives a slow peer time for so much of a long request or answer.
  static final int BYTES_PER_SECOND_MIN = 64 * 1024;

  /// What the bodies of all requests and answers under way may take together.
  static long bodyBytesTotalMax() {
    return Math.max(64L << 20, Runtime.getRuntime().maxMemory() / 8);
  }

  public SocketLimits {
    require(messageBytesMax > 0, "messageBytesMax");
    require(pendingBytesLow > 0 && pendingBytesHigh >= pendingBytesLow, "pendingBytesHigh");
    require(pendingBytesMax >= pendingBytesHigh, "pendingBytesMax");
    require(connectionsMax > 0 && requestsMax > 0, "connectionsMax");
    require(buffersBytesMax > 0, "buffersBytesMax");
    require(requestTimeout.isPositive(), "requestTimeout");
  }

  private static void require(boolean holds, String component) {
    if (!holds) {
      throw new IllegalArgumentException(component + " out of bounds");
    }
  }
}
