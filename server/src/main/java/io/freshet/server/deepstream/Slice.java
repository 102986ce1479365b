// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonValue;

/// A stretch of a received frame. Only valid while that frame is being handled.
final class Slice {
  private final byte[] bytes;
  private final int from;
  private final int length;

  Slice(byte[] bytes, int from, int length) {
    this.bytes = bytes;
    this.from = from;
    this.length = length;
  }

  byte[] bytes() {
    return bytes;
  }

  int from() {
    return from;
  }

  int length() {
    return length;
  }

  /// @throws io.freshet.protocol.error.FreshetException as [Json#parse]
  JsonValue json(JsonLimits limits) {
    return Json.parse(bytes, from, length, limits);
  }
}
