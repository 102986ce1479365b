// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A JSON object the server said, whose members are read by name. What is absent, null or of
/// another kind than asked for counts as absent.
record Frame(JsonObject json) {
  private static final Frame NONE = new Frame(JsonObject.empty());

  String type() {
    return text("type", "");
  }

  @Nullable String text(String member) {
    return json.get(member) instanceof JsonString text ? text.value() : null;
  }

  String text(String member, String otherwise) {
    String value = text(member);
    return value == null ? otherwise : value;
  }

  @Nullable Long number(String member) {
    return json.get(member) instanceof JsonNumber number ? number.value().longValue() : null;
  }

  long number(String member, long otherwise) {
    Long value = number(member);
    return value == null ? otherwise : value;
  }

  @Nullable Instant time(String member) {
    Long value = number(member);
    return value == null ? null : Instant.ofEpochMilli(value);
  }

  boolean flag(String member) {
    return json.get(member) == JsonBoolean.TRUE;
  }

  boolean has(String member) {
    return json.get(member) != null;
  }

  @Nullable JsonValue value(String member) {
    return json.get(member);
  }

  /// Empty when there is none.
  Frame object(String member) {
    return json.get(member) instanceof JsonObject object ? new Frame(object) : NONE;
  }

  List<JsonValue> values(String member) {
    var values = new ArrayList<JsonValue>();
    if (json.get(member) instanceof JsonArray array) {
      array.forEach(values::add);
    }
    return values;
  }

  List<Frame> objects(String member) {
    var frames = new ArrayList<Frame>();
    for (JsonValue each : values(member)) {
      if (each instanceof JsonObject object) {
        frames.add(new Frame(object));
      }
    }
    return frames;
  }

  List<String> texts(String member) {
    var texts = new ArrayList<String>();
    for (JsonValue each : values(member)) {
      if (each instanceof JsonString text) {
        texts.add(text.value());
      }
    }
    return texts;
  }

  /// The error object this is.
  FreshetClientException error() {
    Map<String, Object> details = PlainValues.membersOf(object("details").json);
    Long retryAfterMs = number("retryAfterMs");
    if (retryAfterMs != null) {
      details.put("retryAfterMs", retryAfterMs);
    }
    return FreshetClientException.of(
        new FreshetClientException.Said(
            (int) number("status", 500),
            text("code", "INTERNAL"),
            text("message", "the server gave no reason"),
            details,
            text("requestId")));
  }
}
