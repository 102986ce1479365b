// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.admin;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.Condition;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.guard.Principal;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.net.AdminToken;
import io.freshet.server.net.HttpAnswer;
import io.freshet.server.net.HttpCall;
import io.freshet.server.net.HttpRoute;
import io.freshet.server.session.Desk;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// `/admin/records/{name}`: reads, writes and deletes one record, whatever its version. Watchers
/// are told, as of any other write.
public final class RecordsRoute implements HttpRoute {
  private static final int FRAMING_BYTES = 64 << 10;
  private static final HttpAnswer NOT_JSON =
      HttpAnswer.problem(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE, "send the record's data as application/json");

  private final AdminToken token;
  private final Desk desk;
  private final JsonLimits limits;

  /// @param limits of a document
  public RecordsRoute(AdminToken token, Desk desk, JsonLimits limits) {
    this.token = token;
    this.desk = desk;
    this.limits = limits;
  }

  @Override
  public Place place() {
    return new Place(
        "/admin/records", true, Set.of("GET", "PUT", "DELETE"), limits.bytesMax() + FRAMING_BYTES);
  }

  @Override
  public @Nullable HttpAnswer refusal(HttpCall head) {
    HttpAnswer refusal = token.refusal(head);
    return refusal == null && head.method().equals("PUT") && !head.isJson() ? NOT_JSON : refusal;
  }

  @Override
  public CompletionStage<HttpAnswer> answer(HttpCall call) {
    try {
      DocumentKey key = DocumentKey.ofRecordName(call.rest());
      return switch (call.method()) {
        case "PUT" -> put(key, Json.parse(call.body(), limits));
        case "DELETE" -> ask(reply -> new Command.Delete(reply, key), key);
        default -> ask(reply -> new Command.Read(reply, key), key);
      };
    } catch (FreshetException e) {
      return CompletableFuture.completedStage(
          HttpAnswer.problem(e.code(), String.valueOf(e.getMessage())));
    }
  }

  private CompletionStage<HttpAnswer> put(DocumentKey key, JsonValue data) {
    return ask(reply -> new Command.Replace(reply, key, data, Condition.Any.ANY, true), key);
  }

  private CompletionStage<HttpAnswer> ask(Function<ReplyTo, Command> command, DocumentKey key) {
    return desk.ask(Principal.OPERATOR, command).thenApply(outcome -> answer(outcome, key));
  }

  private static HttpAnswer answer(Outcome outcome, DocumentKey key) {
    JsonObject named = JsonObject.of("name", JsonString.of(key.recordName()));
    return switch (outcome) {
      case Outcome.State(Document document) ->
          document.isRecord()
              ? HttpAnswer.ok(versioned(named, document).with("data", document.data()))
              : HttpAnswer.problem(
                  ErrorCode.NOT_FOUND, "There is no record \"" + key.recordName() + "\"");
      case Outcome.Committed(var change) ->
          HttpAnswer.ok(
              change.after().isRecord()
                  ? versioned(named, change.after())
                  : named.with("deleted", JsonBoolean.TRUE));
      case Outcome.Done _ -> HttpAnswer.ok(named.with("deleted", JsonBoolean.FALSE));
      case Outcome.Rejected(ErrorCode code, String message, Document _) ->
          HttpAnswer.problem(code, message);
      case Outcome.Refused(ErrorCode code, String message) -> HttpAnswer.problem(code, message);
      case Outcome.Watching _,
          Outcome.OfCollection _,
          Outcome.PerName _,
          Outcome.Present _,
          Outcome.CallMismatch _ ->
          throw new IllegalStateException("no answer to this: " + outcome.getClass());
    };
  }

  private static JsonObject versioned(JsonObject named, Document document) {
    return named.with("version", JsonNumber.of(document.revision()));
  }
}
