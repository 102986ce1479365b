// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import io.freshet.protocol.EventId;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import java.util.Optional;

/// Reads what clients send: `{"type":"ack","id":"…"}`, and nothing else is known. Stateless.
final class ClientFrames {
  private ClientFrames() {}

  /// The event that was acknowledged; empty for anything else, which is no error: the package has
  /// no ear for one.
  static Optional<EventId> acknowledged(byte[] frame) {
    try {
      return Json.parse(frame, JsonLimits.DEFAULT) instanceof JsonObject object
              && object.get("type") instanceof JsonString type
              && type.value().equals("ack")
              && object.get("id") instanceof JsonString id
          ? Optional.ofNullable(EventId.parse(id.value()))
          : Optional.empty();
    } catch (FreshetException e) {
      return Optional.empty();
    }
  }
}
