// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.http;

import io.freshet.engine.feed.CallSignal;
import io.freshet.engine.feed.Outcome;
import io.freshet.protocol.Document;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What the messages of a request get (protocol reference, section 16). Stateless.
final class Results {
  private static final int VERSION_MASK = 0x7FFF_FFFF;
  private static final int MISSING = -1;
  private static final JsonObject FAILURE = JsonObject.of("success", JsonBoolean.FALSE);

  static final JsonObject SUCCESS = JsonObject.of("success", JsonBoolean.TRUE);
  static final JsonObject TIMED_OUT =
      FAILURE
          .with("error", JsonString.of("Request exceeded timeout before a response was received."))
          .with("errorTopic", JsonString.of("connection"))
          .with("errorEvent", JsonString.of("HTTP_REQUEST_TIMEOUT"));

  private Results() {}

  /// Deepstream's form of a revision.
  static int version(Document document) {
    return (int) (document.revision() & VERSION_MASK);
  }

  // What went well.

  static JsonObject read(ApiMessage.Read message, Document document) {
    if (!document.isRecord()) {
      return error(
          "record",
          ApiAction.RECORD_NOT_FOUND,
          "Record read failed. Record \"%s\" could not be found.".formatted(message.name()));
    }
    boolean emptyList = message.list() && document.data().equals(JsonObject.empty());
    return SUCCESS
        .with("version", JsonNumber.of(version(document)))
        .with("data", emptyList ? JsonArray.EMPTY : document.data());
  }

  static JsonObject head(Document document) {
    return SUCCESS.with(
        "version", JsonNumber.of(document.isRecord() ? version(document) : MISSING));
  }

  /// @param asker left out of everybody
  static JsonObject users(ApiMessage.Query message, Set<String> present, String asker) {
    List<String> names = message.names();
    if (names == null) {
      var others = new ArrayList<JsonString>();
      for (String user : new TreeSet<>(present)) {
        if (!user.equals(asker)) {
          others.add(JsonString.of(user));
        }
      }
      return SUCCESS.with("users", JsonArray.of(others));
    }
    JsonObject users = JsonObject.empty();
    for (String name : names) {
      users = users.with(name, present.contains(name) ? JsonBoolean.TRUE : JsonBoolean.FALSE);
    }
    return SUCCESS.with("users", users);
  }

  /// @return null while the call goes on
  static @Nullable JsonObject called(ApiMessage.Make message, CallSignal signal) {
    return switch (signal) {
      case CallSignal.Accepted _ -> null;
      case CallSignal.Responded(JsonValue data) ->
          data == null ? SUCCESS : SUCCESS.with("data", data);
      case CallSignal.Failed(JsonValue data) ->
          error("rpc", ApiAction.REQUEST_ERROR, "")
              .with("error", data == null ? JsonNull.NULL : data);
      case CallSignal.NoProvider _ ->
          error(
              "rpc",
              ApiAction.NO_RPC_PROVIDER,
              "No provider was available to handle the RPC \"%s\".".formatted(message.procedure()));
      case CallSignal.AcceptTimedOut _ -> timedOut(ApiAction.ACCEPT_TIMEOUT);
      case CallSignal.ResponseTimedOut _ -> timedOut(ApiAction.RESPONSE_TIMEOUT);
    };
  }

  private static JsonObject timedOut(int event) {
    return error("rpc", event, "The RPC response timeout was exceeded by the provider.");
  }

  // What did not.

  /// A record was not read, written, deleted or re-read.
  ///
  /// @param version that was to be written
  static JsonObject rejected(ApiAction action, String name, int version, Outcome.Rejected why) {
    Document current = why.current();
    if (why.code() == ErrorCode.REVISION_CONFLICT) {
      return conflict(
          ApiAction.VERSION_EXISTS,
          "Record update failed. Version %d exists for record \"%s\"."
              .formatted(version(current), name),
          current);
    }
    if (why.code() == ErrorCode.INVALID_VERSION) {
      return conflict(
          ApiAction.INVALID_VERSION,
          "Record update failed. Version %d is not valid for record \"%s\"."
              .formatted(version, name),
          current);
    }
    return refused(action, why.code(), why.message());
  }

  private static JsonObject conflict(int event, String text, Document current) {
    return error("record", event, text)
        .with("currentVersion", JsonNumber.of(version(current)))
        .with("currentData", current.isRecord() ? current.data() : JsonObject.empty());
  }

  static JsonObject refused(ApiAction action, ErrorCode code, String message) {
    if (code == ErrorCode.FORBIDDEN || code == ErrorCode.PERMISSION_ERROR) {
      return denied(action, code == ErrorCode.FORBIDDEN ? "." : ": " + message);
    }
    int event = code.status() < 500 ? action.invalid() : action.failed();
    return error(action.topic(), event, action.doing() + " " + message)
        .with("code", JsonString.of(code.name()));
  }

  /// @param end the end of the sentence; with a reason, the rule itself failed
  private static JsonObject denied(ApiAction action, String end) {
    return error(
            action.topic(),
            end.equals(".") ? action.denied() : action.permissionError(),
            "Message denied. Action \"%s\" is not permitted%s".formatted(action.name(), end))
        .with("action", JsonNumber.of(action.number()));
  }

  /// An event was not emitted.
  static JsonObject notEmitted(ErrorCode code, String message) {
    boolean denied = code == ErrorCode.FORBIDDEN || code == ErrorCode.PERMISSION_ERROR;
    JsonObject error =
        FAILURE
            .with("errorTopic", JsonString.of("event"))
            .with("errorEvent", JsonString.of(denied ? "MESSAGE_DENIED" : code.name()))
            .with("errorAction", JsonString.of("emit"));
    return denied
        ? error.with("error", JsonString.of("Message denied. Action 'emit' is not permitted."))
        : error.with("error", JsonString.of("Event emit failed. " + message));
  }

  private static JsonObject error(String topic, int event, String text) {
    return FAILURE
        .with("errorTopic", JsonString.of(topic))
        .with("errorEvent", JsonNumber.of(event))
        .with("error", JsonString.of(text));
  }
}
