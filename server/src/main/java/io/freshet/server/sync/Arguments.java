// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The members of a request's object, by name and type. Every method throws `INVALID_ARGUMENT`,
/// naming the member, when it is not what it should be.
///
/// @param members `null` for a member counts as its absence, unless the method says otherwise
record Arguments(JsonObject members) {
  /// The largest number that every reader of JSON keeps exactly.
  static final long SAFE_INTEGER_MAX = (1L << 53) - 1;

  static Arguments of(JsonValue value, String what) {
    if (value instanceof JsonObject object) {
      return new Arguments(object);
    }
    throw invalid(what + " has to be a JSON object");
  }

  /// A misspelled argument that was ignored could lose somebody's write.
  void allowOnly(Set<String> some, Set<String> more) {
    members.forEach((name, value) -> {
      if (!some.contains(name) && !more.contains(name)) {
        throw invalid("\"" + name + "\" is not known here");
      }
    });
  }

  private @Nullable JsonValue find(String name) {
    JsonValue value = members.get(name);
    return value == JsonNull.NULL ? null : value;
  }

  boolean has(String name) {
    return find(name) != null;
  }

  /// May be `null`.
  JsonValue value(String name) {
    JsonValue value = members.get(name);
    if (value == null) {
      throw invalid("\"" + name + "\" is missing");
    }
    return value;
  }

  JsonObject object(String name) {
    if (value(name) instanceof JsonObject object) {
      return object;
    }
    throw invalid("\"" + name + "\" has to be a JSON object");
  }

  String text(String name) {
    String text = optionalText(name);
    if (text == null) {
      throw invalid("\"" + name + "\" is missing");
    }
    return text;
  }

  @Nullable String optionalText(String name) {
    return switch (find(name)) {
      case null -> null;
      case JsonString text -> text.value();
      case JsonValue _ -> throw invalid("\"" + name + "\" has to be a string");
    };
  }

  boolean flag(String name, boolean otherwise) {
    return switch (find(name)) {
      case null -> otherwise;
      case JsonBoolean flag -> flag == JsonBoolean.TRUE;
      case JsonValue _ -> throw invalid("\"" + name + "\" has to be true or false");
    };
  }

  /// Null if absent.
  @Nullable Long number(String name, long min, long max) {
    JsonValue value = find(name);
    if (value == null) {
      return null;
    }
    if (value instanceof JsonNumber number
        && number.isLong()
        && number.longValue() >= min
        && number.longValue() <= max) {
      return number.longValue();
    }
    throw invalid("\"%s\" has to be a whole number from %d to %d".formatted(name, min, max));
  }

  /// Null if absent.
  @Nullable Long revision(String name) {
    return number(name, 0, SAFE_INTEGER_MAX);
  }

  int count(String name, int otherwise, int max) {
    Long count = number(name, 1, max);
    return count == null ? otherwise : count.intValue();
  }

  static FreshetException invalid(String message) {
    return new FreshetException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
