// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The members of one entry of a users or keys file, with messages for whoever wrote it.
///
/// @param place names the file and the entry
record Members(String place, JsonObject object) {

  static Members of(String place, JsonValue value, Set<String> known) {
    if (!(value instanceof JsonObject object)) {
      throw new IdentityException(place + ": must be a mapping");
    }
    var unknown = new ArrayList<String>();
    object.forEach((name, _) -> {
      if (!known.contains(name)) {
        unknown.add(name);
      }
    });
    if (!unknown.isEmpty()) {
      throw new IdentityException(
          "%s: %s is unknown; there may be %s"
              .formatted(place, unknown.getFirst(), String.join(", ", known)));
    }
    return new Members(place, object);
  }

  String text(String name) {
    String text = textIfAny(name);
    if (text == null) {
      throw new IdentityException("%s: %s is missing".formatted(place, name));
    }
    return text;
  }

  @Nullable String textIfAny(String name) {
    return switch (value(name)) {
      case null -> null;
      case JsonString text when !text.value().isEmpty() -> text.value();
      case JsonValue _ ->
          throw new IdentityException("%s: %s must be a text, in quotes".formatted(place, name));
    };
  }

  /// An empty object if absent.
  JsonObject object(String name) {
    return switch (value(name)) {
      case null -> JsonObject.empty();
      case JsonObject found -> found;
      case JsonValue _ ->
          throw new IdentityException("%s: %s must be a mapping".formatted(place, name));
    };
  }

  @Nullable Instant timeIfAny(String name) {
    String text = textIfAny(name);
    try {
      return text == null ? null : Instant.parse(text);
    } catch (DateTimeException e) {
      throw new IdentityException(
          "%s: %s must be a time like 2027-01-31T00:00:00Z".formatted(place, name), e);
    }
  }

  /// Null if absent, and if it is null.
  @Nullable JsonValue value(String name) {
    JsonValue value = object.get(name);
    return value == JsonNull.NULL ? null : value;
  }
}
