// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.http;

import io.freshet.protocol.json.JsonLimits;
import java.time.Duration;
import java.util.Set;

/// Bounds and switches of the HTTP API.
///
/// @param document limits of every document, event and argument
/// @param requestTimeout from when on an answer no longer waits for what has none
/// @param authData whether requests may carry `authData` rather than a token
/// @param topics of [#TOPICS], those that are switched on
public record ApiOptions(
    JsonLimits document, Duration requestTimeout, boolean authData, Set<String> topics) {
  /// Everything that can be spoken of.
  public static final Set<String> TOPICS = Set.of("event", "rpc", "record", "list", "presence");

  /// Messages in one request.
  static final int MESSAGES_MAX = 10_000;

  private static final int BATCH_BYTES_MAX = 16 << 20;
  private static final int BATCH_MEMBERS_MAX = 1_000_000;
  private static final int FRAMING_BYTES = 64 << 10;

  /// Levels around a document: the request, its body, the message.
  private static final int FRAMING_DEPTH = 3;

  public ApiOptions {
    topics = Set.copyOf(topics);
  }

  /// The largest body of a request, and about that of an answer.
  int batchBytesMax() {
    return Math.max(BATCH_BYTES_MAX, document.bytesMax()) + FRAMING_BYTES;
  }

  /// Limits of a whole request.
  JsonLimits batch() {
    return new JsonLimits(
        batchBytesMax(),
        document.depthMax() + FRAMING_DEPTH,
        Math.max(BATCH_MEMBERS_MAX, document.membersMax() + MESSAGES_MAX));
  }
}
