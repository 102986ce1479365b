// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync.http;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.net.HttpCall;
import io.freshet.server.net.Query;
import io.freshet.server.sync.SyncLimits;
import io.freshet.server.sync.SyncOperation;
import io.freshet.server.sync.SyncReader;
import io.freshet.server.sync.SyncRequest;
import io.freshet.server.sync.SyncRequest.Conditions;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Makes requests of the documents face of HTTP calls: what they want stands in the method and the
/// path, their arguments in the body or the query, their conditions in headers.
///
/// Immutable; any thread. Throws [FreshetException] that says what is wrong.
final class CallReader {
  private static final String MERGE_PATCH = "application/merge-patch+json";
  private static final String JSON_PATCH = "application/json-patch+json";
  private static final String JSON = "application/json";

  /// Parameters that are numbers or flags; every other one is text.
  private static final Set<String> NUMBERS = Set.of("limit", "sinceRevision", "expectedRevision");

  private static final Set<String> FLAGS = Set.of("includeDeleted", "returnCurrent");

  /// Parameters that are JSON text.
  private static final Set<String> VALUES = Set.of("filter");

  private static final Pattern WHOLE_NUMBER = Pattern.compile("-?[0-9]{1,16}");
  private static final Pattern KEY = Pattern.compile("[ -~]{1,255}");

  /// Around a value in a list of mutations: the body, the list, the operation, its operator.
  private static final int BODY_LEVELS = 4;

  /// And around that the batch and its list.
  private static final int BATCH_LEVELS = BODY_LEVELS + 2;

  private final SyncLimits limits;
  private final SyncReader reader;

  CallReader(SyncLimits limits, SyncReader reader) {
    this.limits = limits;
    this.reader = reader;
  }

  /// Whether the body has a type the operation takes.
  static boolean takesBody(SyncOperation operation, HttpCall head) {
    String type = head.contentType();
    return switch (operation) {
      case GET, LIST, HISTORY, DELETE -> true;
      case RESTORE -> type.isEmpty() || type.equals(JSON);
      case PATCH -> type.equals(MERGE_PATCH) || type.equals(JSON_PATCH);
      case CREATE, REPLACE, MERGE, MUTATE, TOUCH, BATCH -> type.equals(JSON);
    };
  }

  /// A call about one document or one collection.
  SyncRequest read(Target target, SyncOperation operation, HttpCall call) {
    JsonObject query = query(call.parameters());
    return switch (operation) {
      case GET, LIST, HISTORY, DELETE ->
          reader.read(operation, target.service(), target.id(), query, conditions(operation, call));
      case PATCH -> patch(target, query, call);
      case CREATE -> create(target, joined(body(call), query), call);
      case RESTORE ->
          reader.read(
              operation,
              target.service(),
              target.id(),
              call.body().length == 0 ? query : joined(body(call), query),
              conditions(operation, call));
      case REPLACE, MERGE, MUTATE, TOUCH, BATCH ->
          reader.read(
              operation,
              target.service(),
              target.id(),
              joined(body(call), query),
              conditions(operation, call));
    };
  }

  SyncRequest batch(HttpCall call) {
    JsonValue body = Json.parse(call.body(), limits.batch(BATCH_LEVELS));
    return reader.read(
        SyncOperation.BATCH, null, null, object(body), conditions(SyncOperation.BATCH, call));
  }

  private SyncRequest create(Target target, JsonObject arguments, HttpCall call) {
    JsonValue id = arguments.get("id");
    if (id != null && !(id instanceof JsonString)) {
      throw invalid("\"id\" has to be a string");
    }
    return reader.read(
        SyncOperation.CREATE,
        target.service(),
        id instanceof JsonString text ? text.value() : null,
        arguments.without("id"),
        conditions(SyncOperation.CREATE, call));
  }

  /// The body is the patch itself.
  private SyncRequest patch(Target target, JsonObject query, HttpCall call) {
    boolean merge = call.contentType().equals(MERGE_PATCH);
    SyncOperation operation = merge ? SyncOperation.MERGE : SyncOperation.PATCH;
    return reader.read(
        operation,
        target.service(),
        target.id(),
        query.with(merge ? "data" : "patch", parsed(call)),
        conditions(operation, call));
  }

  private JsonObject body(HttpCall call) {
    return object(parsed(call));
  }

  private JsonValue parsed(HttpCall call) {
    JsonLimits most = limits.request(BODY_LEVELS);
    return Json.parse(call.body(), most);
  }

  private static JsonObject object(JsonValue body) {
    if (body instanceof JsonObject object) {
      return object;
    }
    throw invalid("The body has to be a JSON object");
  }

  /// Nothing may be said twice.
  private static JsonObject joined(JsonObject body, JsonObject query) {
    JsonObject[] all = {body};
    query.forEach((name, value) -> {
      if (body.get(name) != null) {
        throw invalid("\"" + name + "\" is given in the body and in the query");
      }
      all[0] = all[0].with(name, value);
    });
    return all[0];
  }

  private static JsonObject query(Query parameters) {
    JsonObject arguments = JsonObject.empty();
    for (String name : parameters.names()) {
      if (!name.equals("token")) {
        arguments = arguments.with(name, value(name, parameters.one(name).orElse("")));
      }
    }
    return arguments;
  }

  private static JsonValue value(String name, String text) {
    if (NUMBERS.contains(name)) {
      if (!WHOLE_NUMBER.matcher(text).matches()) {
        throw invalid("\"" + name + "\" has to be a whole number");
      }
      return JsonNumber.of(Long.parseLong(text));
    }
    if (FLAGS.contains(name)) {
      return switch (text) {
        case "true", "" -> JsonBoolean.TRUE;
        case "false" -> JsonBoolean.FALSE;
        default -> throw invalid("\"" + name + "\" has to be true or false");
      };
    }
    return VALUES.contains(name) ? Json.parse(text) : JsonString.of(text);
  }

  private static Conditions conditions(SyncOperation operation, HttpCall call) {
    String key = call.header("Idempotency-Key").orElse(null);
    if (key != null && !KEY.matcher(key).matches()) {
      throw invalid("Idempotency-Key takes 1 to 255 printable ASCII characters");
    }
    return new Conditions(null, precondition(operation, call), key, key);
  }

  private static @Nullable Long precondition(SyncOperation operation, HttpCall call) {
    Optional<String> ifMatch = call.header("If-Match");
    return switch (operation) {
      case REPLACE, MERGE, MUTATE, PATCH, DELETE, RESTORE, TOUCH ->
          Tags.precondition(ifMatch, call.header("If-None-Match"));
      case CREATE, GET, LIST, HISTORY, BATCH -> {
        if (ifMatch.isPresent()) {
          throw invalid("If-Match has no meaning here");
        }
        yield null;
      }
    };
  }

  private static FreshetException invalid(String message) {
    return new FreshetException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
