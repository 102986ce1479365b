// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.http;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads messages strictly: every property has its type, and there is no other (protocol reference,
/// section 16). Stateless.
final class MessageReader {
  private static final int SHOWN_CHARS_MAX = 64;
  private static final int NAMES_MAX = 10_000;

  private final JsonObject message;
  private final String topic;

  private MessageReader(JsonObject message, String topic) {
    this.message = message;
    this.topic = topic;
  }

  /// All messages of a request's body.
  ///
  /// @param topics those that are switched on
  /// @throws BadRequestException naming the first that is wrong
  static List<ApiMessage> readAll(JsonArray body, Set<String> topics) {
    var messages = new ArrayList<ApiMessage>(body.size());
    for (JsonValue each : body) {
      try {
        messages.add(read(each, topics));
      } catch (BadRequestException e) {
        throw new BadRequestException(
            "Failed to parse JIF object at index %d. Reason: %s"
                .formatted(messages.size(), e.text()));
      }
    }
    return messages;
  }

  private static ApiMessage read(JsonValue value, Set<String> topics) {
    if (!(value instanceof JsonObject message)) {
      throw new BadRequestException("message should be object");
    }
    String topic = word(message, "topic");
    if (ApiOptions.TOPICS.contains(topic) && !topics.contains(topic)) {
      throw new BadRequestException("topic '%s' is switched off on this server".formatted(topic));
    }
    var reader = new MessageReader(message, topic);
    String action = word(message, "action");
    return switch (topic) {
      case "event" -> reader.event(action);
      case "rpc" -> reader.rpc(action);
      case "record" -> reader.record(action);
      case "list" -> reader.list(action);
      case "presence" -> reader.presence(action);
      default ->
          throw new BadRequestException(
              "property '.topic' should be one of event, rpc, record, list, presence");
    };
  }

  private static String word(JsonObject message, String property) {
    return switch (message.get(property)) {
      case null -> throw new BadRequestException("property '%s' is required".formatted(property));
      case JsonString word -> word.value();
      case JsonValue other -> throw wrong(property, "string");
    };
  }

  private ApiMessage event(String action) {
    if (!action.equals("emit")) {
      throw unknownAction("emit");
    }
    allow("eventName", "data");
    return new ApiMessage.Emit(name("eventName"), message.get("data"));
  }

  private ApiMessage rpc(String action) {
    if (!action.equals("make")) {
      throw unknownAction("make");
    }
    allow("rpcName", "data");
    return new ApiMessage.Make(name("rpcName"), message.get("data"));
  }

  private ApiMessage record(String action) {
    switch (action) {
      case "write" -> allow("recordName", "data", "path", "version");
      case "notify" -> allow("recordNames");
      default -> allow("recordName");
    }
    return switch (action) {
      case "read" -> new ApiMessage.Read(name("recordName"), false);
      case "head" -> new ApiMessage.Head(name("recordName"));
      case "delete" -> new ApiMessage.Delete(name("recordName"));
      case "write" -> write();
      case "notify" -> new ApiMessage.Notify(names("recordNames"));
      default -> throw unknownAction("read, head, write, delete, notify");
    };
  }

  private ApiMessage write() {
    String name = name("recordName");
    JsonValue data = required("data");
    String path =
        switch (message.get("path")) {
          case null -> null;
          case JsonString text -> text.value();
          case JsonValue other -> throw wrong("path", "string");
        };
    if (path == null && !data.isContainer()) {
      throw wrong("data", "object or array, or come with a path");
    }
    return new ApiMessage.Write(name, path, data, version());
  }

  private ApiMessage list(String action) {
    if (action.equals("write")) {
      allow("listName", "data", "version");
      String name = name("listName");
      var _ = names("data");
      return new ApiMessage.Write(name, null, required("data"), version());
    }
    allow("listName");
    return switch (action) {
      case "read" -> new ApiMessage.Read(name("listName"), true);
      case "delete" -> new ApiMessage.Delete(name("listName"));
      default -> throw unknownAction("read, write, delete");
    };
  }

  private ApiMessage presence(String action) {
    if (!action.equals("query")) {
      throw unknownAction("query");
    }
    allow("names");
    return new ApiMessage.Query(message.get("names") == null ? null : names("names"));
  }

  /// 0 means what -1 does, as in the original.
  private int version() {
    return switch (message.get("version")) {
      case null -> ApiMessage.Write.ANY_VERSION;
      case JsonNumber number
          when number.isLong()
              && number.longValue() >= ApiMessage.Write.ANY_VERSION
              && number.longValue() <= Integer.MAX_VALUE ->
          number.longValue() == 0 ? ApiMessage.Write.ANY_VERSION : (int) number.longValue();
      case JsonValue other -> throw wrong("version", "integer from -1 to 2147483647");
    };
  }

  private JsonValue required(String property) {
    JsonValue value = message.get(property);
    if (value == null) {
      throw new BadRequestException(
          "property '%s' is required for topic '%s'".formatted(property, topic));
    }
    return value;
  }

  private String name(String property) {
    if (!(required(property) instanceof JsonString name) || name.value().isEmpty()) {
      throw wrong(property, "non-empty string");
    }
    return name.value();
  }

  private List<String> names(String property) {
    if (!(required(property) instanceof JsonArray array)) {
      throw wrong(property, "array of strings");
    }
    if (!property.equals("data") && array.size() > NAMES_MAX) {
      throw wrong(property, "array of at most " + NAMES_MAX + " strings");
    }
    var names = new ArrayList<String>(array.size());
    for (JsonValue each : array) {
      if (!(each instanceof JsonString name)) {
        throw wrong(property, "array of strings");
      }
      names.add(name.value());
    }
    return names;
  }

  private void allow(String... properties) {
    Set<String> allowed = Set.of(properties);
    message.forEach((property, value) -> {
      if (!property.equals("topic") && !property.equals("action") && !allowed.contains(property)) {
        throw new BadRequestException(
            "property '%s' is not permitted for this action of topic '%s'"
                .formatted(shown(property), topic));
      }
    });
  }

  private BadRequestException unknownAction(String actions) {
    return new BadRequestException(
        "property '.action' should be one of %s for topic '%s'".formatted(actions, topic));
  }

  private static BadRequestException wrong(String property, @Nullable String expected) {
    return new BadRequestException("property '.%s' should be %s".formatted(property, expected));
  }

  /// What a caller sent, shortened, without what would break a line.
  private static String shown(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", "?");
    return plain.length() <= SHOWN_CHARS_MAX ? plain : plain.substring(0, SHOWN_CHARS_MAX) + "…";
  }
}
