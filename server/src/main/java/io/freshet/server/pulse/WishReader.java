// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.filter.FieldType;
import io.freshet.protocol.filter.Model;
import io.freshet.protocol.filter.PrismaFilter;
import io.freshet.protocol.filter.StreamFilter;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.stream.Models;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads what a client says in the headers of its handshake: `subscription` (its model and its
/// arguments) and `stream` (its name). Immutable; any thread.
final class WishReader {
  private static final String SUBSCRIPTION = "subscription";
  private static final String STREAM = "stream";

  private final PulseModels models;
  private final Models tables;

  /// Knows of no tables.
  WishReader(PulseModels models) {
    this(models, _ -> null);
  }

  /// @param tables what is known of collections; more than their clients say
  WishReader(PulseModels models, Models tables) {
    this.models = models;
    this.tables = tables;
  }

  /// @param headers characters stand for bytes: text above U+00FF has to be escaped as JSON can
  /// @throws FreshetException if they do not say what is wanted, or it cannot be had
  PulseWish read(PulseKind kind, List<Map.Entry<String, String>> headers) {
    String said = one(headers, SUBSCRIPTION);
    if (said == null) {
      throw invalid(
          "The header \"subscription\" is missing; connect with Prisma's extension for Pulse");
    }
    JsonObject subscription = object(said, SUBSCRIPTION);
    String modelName = text(subscription, "modelName", SUBSCRIPTION);
    PulseModels.Mapping mapping = models.of(modelName);
    if (!(subscription.get("model") instanceof JsonObject shape)) {
      throw invalid("The header \"subscription\" has no object \"model\"");
    }
    String collection = collection(modelName, shape, mapping);
    Model model = model(modelName, shape, mapping, tables.of(collection));
    StreamFilter filter = PrismaFilter.read(arguments(subscription), model);
    String name = kind == PulseKind.STREAM ? name(headers) : null;
    return new PulseWish(kind, model, collection, filter, name);
  }

  private static @Nullable String one(List<Map.Entry<String, String>> headers, String name) {
    String found = null;
    for (Map.Entry<String, String> header : headers) {
      if (header.getKey().equalsIgnoreCase(name)) {
        if (found != null) {
          throw invalid("The header \"" + name + "\" is there twice");
        }
        found = header.getValue();
      }
    }
    return found;
  }

  private static JsonObject object(String json, String header) {
    JsonValue value;
    try {
      value = Json.parse(json);
    } catch (FreshetException e) {
      throw new FreshetException(
          e.code(), "The header \"%s\" cannot be read: %s".formatted(header, e.getMessage()));
    }
    if (value instanceof JsonObject object) {
      return object;
    }
    throw invalid("The header \"" + header + "\" is no JSON object");
  }

  private static String text(JsonObject object, String member, String place) {
    if (object.get(member) instanceof JsonString text && !text.value().isEmpty()) {
      return text.value();
    }
    throw invalid("\"%s\" of \"%s\" is no text".formatted(member, place));
  }

  private static JsonObject arguments(JsonObject subscription) {
    return switch (subscription.get("where")) {
      case null -> JsonObject.empty();
      case JsonNull _ -> JsonObject.empty();
      case JsonObject where -> where;
      case JsonValue _ -> throw invalid("\"where\" of \"subscription\" is no object");
    };
  }

  private static @Nullable String name(List<Map.Entry<String, String>> headers) {
    String said = one(headers, STREAM);
    JsonValue name = said == null ? null : object(said, STREAM).get("name");
    if (name == null || name == JsonNull.NULL) {
      return null;
    }
    if (!(name instanceof JsonString text)) {
      throw invalid("The name of a stream is a text");
    }
    DocumentKey.requireName(text.value());
    return text.value();
  }

  // The model.

  private static String collection(
      String modelName, JsonObject shape, PulseModels.Mapping mapping) {
    String table =
        shape.get("dbName") instanceof JsonString text && !text.value().isEmpty()
            ? text.value()
            : modelName;
    String collection = mapping.collection().orElse(table);
    if (!DocumentKey.isCollection(collection) || collection.equals(DocumentKey.UNNAMED)) {
      throw new FreshetException(
          ErrorCode.UNKNOWN_COLLECTION,
          "\"%s\" cannot name a collection; say in pulse.models.%s.collection which one is meant"
              .formatted(collection, modelName));
    }
    return collection;
  }

  private static Model model(
      String modelName, JsonObject shape, PulseModels.Mapping mapping, @Nullable Model table) {
    if (!(shape.get("fields") instanceof JsonArray fields)) {
      throw invalid("The model " + modelName + " has no list of fields");
    }
    var known = new ArrayList<Model.Field>();
    var names = new HashSet<String>();
    Set<String> relations = new HashSet<>();
    for (JsonValue each : fields) {
      if (!(each instanceof JsonObject field)) {
        throw invalid("A field of the model " + modelName + " is no object");
      }
      String name = text(field, "name", "fields");
      if (!names.add(name)) {
        throw invalid("The model %s has two fields %s".formatted(modelName, name));
      }
      switch (text(field, "kind", name)) {
        case "scalar" -> known.add(field(name, field, scalar(modelName, name, field), table));
        case "enum" -> known.add(field(name, field, FieldType.ENUM, table));
        case "object" -> relations.add(name);
        // Of a type only its database knows: neither sent nor filtered by.
        default -> {}
      }
    }
    String idField = mapping.idField().orElse(Model.ID_FIELD);
    if (mapping.idField().isPresent() && known.stream().noneMatch(f -> f.name().equals(idField))) {
      throw invalid(
          "The model %s has no field %s, which pulse.models.%s.idField names"
              .formatted(modelName, idField, modelName));
    }
    return Model.of(modelName, known, relations, idField);
  }

  private static FieldType scalar(String modelName, String name, JsonObject field) {
    String type = text(field, "type", name);
    FieldType known = FieldType.ofPrismaName(type);
    if (known == null) {
      throw invalid("%s.%s is of the unknown type %s".formatted(modelName, name, type));
    }
    return known;
  }

  /// The database knows better than the client, which does not say.
  private static Model.Field field(
      String name, JsonObject field, FieldType type, @Nullable Model table) {
    String key = field.get("dbName") instanceof JsonString column ? column.value() : name;
    Boolean list =
        field.get("isList") instanceof JsonBoolean said ? said == JsonBoolean.TRUE : null;
    Model.Field column = table == null ? null : table.fields().get(key);
    return new Model.Field(name, key, type, table == null ? list : Boolean.valueOf(isList(column)));
  }

  private static boolean isList(Model.@Nullable Field column) {
    return column != null && Boolean.TRUE.equals(column.list());
  }

  private static FreshetException invalid(String message) {
    return new FreshetException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
