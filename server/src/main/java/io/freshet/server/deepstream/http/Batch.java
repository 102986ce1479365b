// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.http;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.Condition;
import io.freshet.engine.feed.CallSignal;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Outlet;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Principal;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.RecordPath;
import io.freshet.server.session.Caller;
import io.freshet.server.session.Desk;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The messages of one request on their way to the engine and back, as one session. They are passed
/// in order, without waiting for each other.
///
/// Threading: the commands are passed by one thread that may wait; everything about results happens
/// on the desk's thread.
final class Batch implements Caller {
  /// The version a client gives a record it created.
  private static final int FIRST_VERSION = 1;

  private final Desk desk;
  private final ApiOptions options;
  private final Principal principal;
  private final List<ApiMessage> messages;
  private final String id;
  private final @Nullable JsonObject[] results;
  private final CompletableFuture<JsonObject> answer = new CompletableFuture<>();
  private int missing;
  private long resultBytes;
  private volatile boolean over;

  Batch(Desk desk, ApiOptions options, Principal principal, List<ApiMessage> messages) {
    this.desk = desk;
    this.options = options;
    this.principal = principal;
    this.messages = messages;
    this.id = desk.nextId();
    this.results = new @Nullable JsonObject[messages.size()];
    this.missing = messages.size();
  }

  @Override
  public Principal principal() {
    return principal;
  }

  @Override
  public Outlet outlet() {
    return desk;
  }

  /// Passes all messages; waits while the engine has too much to do.
  ///
  /// @return the request's answer
  CompletionStage<JsonObject> run() {
    Runnable cancel = desk.after(options.requestTimeout(), this::timedOut);
    var _ = answer.whenComplete((done, failure) -> cancel.run());
    for (int i = 0; i < messages.size() && !over; i++) {
      pass(i, messages.get(i));
    }
    desk.wake();
    return answer;
  }

  private void pass(int index, ApiMessage message) {
    Command command;
    try {
      command = command(index, message);
    } catch (FreshetException e) {
      settleLater(index, refused(message, e.code(), String.valueOf(e.getMessage())));
      return;
    }
    if (command == null) {
      settleLater(index, Results.SUCCESS.with("users", JsonObject.empty()));
    } else if (!desk.submit(command)) {
      Outcome.Refused why = Desk.overloaded();
      settleLater(index, refused(message, why.code(), why.message()));
    }
  }

  // Messages as commands.

  /// Null when nobody is asked about.
  private @Nullable Command command(int index, ApiMessage message) {
    var reply = new Reply(index, message);
    return switch (message) {
      case ApiMessage.Emit(String event, JsonValue data) ->
          new Command.Emit(reply, event, checked(data));
      case ApiMessage.Make(String procedure, JsonValue data) ->
          new Command.Call(reply, procedure, id + "-" + index, checked(data));
      case ApiMessage.Read(String name, boolean list) ->
          new Command.Read(reply, DocumentKey.ofRecordName(name));
      case ApiMessage.Head(String name) -> new Command.Read(reply, DocumentKey.ofRecordName(name));
      case ApiMessage.Delete(String name) ->
          new Command.Delete(reply, DocumentKey.ofRecordName(name));
      case ApiMessage.Write write -> write(reply, write);
      case ApiMessage.Notify(List<String> names) ->
          new Command.Refresh(reply, names.stream().map(DocumentKey::ofRecordName).toList());
      case ApiMessage.Query(List<String> names) when names == null ->
          new Command.QueryPresence(reply, List.of());
      case ApiMessage.Query(List<String> names) ->
          names.isEmpty() ? null : new Command.QueryPresence(reply, names);
    };
  }

  private Command write(Reply reply, ApiMessage.Write write) {
    DocumentKey key = DocumentKey.ofRecordName(write.name());
    Condition condition =
        switch (write.version()) {
          case ApiMessage.Write.ANY_VERSION -> Condition.Any.ANY;
          case FIRST_VERSION -> new Condition.FollowsOrBegins(FIRST_VERSION);
          default -> new Condition.Follows(write.version());
        };
    checked(write.data());
    String path = write.path();
    if (path == null) {
      return new Command.Replace(reply, key, write.data(), condition, true);
    }
    var set = new FieldOperation.Set(RecordPath.parse(path), write.data());
    return new Command.Edit(reply, key, List.of(set), condition, true);
  }

  /// A request may be larger than the documents in it. It is as deep as they may be.
  private @Nullable JsonValue checked(@Nullable JsonValue data) {
    JsonLimits limits = options.document();
    if (data == null) {
      return null;
    }
    if (data.encodedBytes() > limits.bytesMax() || data.members() > limits.membersMax()) {
      throw new FreshetException(
          ErrorCode.DOCUMENT_TOO_LARGE,
          "The data exceeds %d bytes or %d members"
              .formatted(limits.bytesMax(), limits.membersMax()));
    }
    return data;
  }

  // Outcomes as results.

  private final class Reply implements ReplyTo {
    private final int index;
    private final ApiMessage message;

    Reply(int index, ApiMessage message) {
      this.index = index;
      this.message = message;
    }

    @Override
    public Session session() {
      return Batch.this;
    }

    @Override
    public void reply(Outcome outcome) {
      JsonObject result = result(message, outcome);
      if (result != null) {
        settle(index, result);
      }
    }
  }

  /// Null while a call goes on.
  private @Nullable JsonObject result(ApiMessage message, Outcome outcome) {
    return switch (outcome) {
      case Outcome.Committed _ -> Results.SUCCESS;
      case Outcome.Done _ -> message instanceof ApiMessage.Make ? null : Results.SUCCESS;
      case Outcome.State(var document) ->
          message instanceof ApiMessage.Read read
              ? Results.read(read, document)
              : Results.head(document);
      case Outcome.Rejected rejected -> rejected(message, rejected);
      case Outcome.Refused(ErrorCode code, String why) -> refused(message, code, why);
      case Outcome.Present(var users) when message instanceof ApiMessage.Query query ->
          Results.users(query, users, principal.id());
      case Outcome.PerName(List<Outcome.OfName> results) -> firstRefusal(message, results);
      case Outcome.Watching _, Outcome.OfCollection _, Outcome.Present _, Outcome.CallMismatch _ ->
          throw new IllegalStateException("no answer to this message: " + outcome.getClass());
    };
  }

  /// What may be done of a message is done; its result is the first thing that may not.
  private static JsonObject firstRefusal(ApiMessage message, List<Outcome.OfName> results) {
    for (Outcome.OfName each : results) {
      if (each instanceof Outcome.Refused(ErrorCode code, String why)) {
        return refused(message, code, why);
      }
    }
    return Results.SUCCESS;
  }

  private static JsonObject rejected(ApiMessage message, Outcome.Rejected why) {
    boolean exists = why.current().isRecord();
    return message instanceof ApiMessage.Write write
        ? Results.rejected(
            ApiAction.ofWrite(write.path() != null, exists), write.name(), write.version(), why)
        : refused(message, why.code(), why.message());
  }

  private static JsonObject refused(ApiMessage message, ErrorCode code, String why) {
    return switch (message) {
      case ApiMessage.Emit _ -> Results.notEmitted(code, why);
      case ApiMessage.Make _ -> Results.refused(ApiAction.MAKE, code, why);
      case ApiMessage.Read _ -> Results.refused(ApiAction.READ, code, why);
      case ApiMessage.Head _ -> Results.refused(ApiAction.HEAD, code, why);
      case ApiMessage.Delete _ -> Results.refused(ApiAction.DELETE, code, why);
      case ApiMessage.Notify _ -> Results.refused(ApiAction.NOTIFY, code, why);
      case ApiMessage.Write write ->
          Results.refused(ApiAction.ofWrite(write.path() != null, false), code, why);
      case ApiMessage.Query(List<String> names) ->
          Results.refused(ApiAction.ofQuery(names != null), code, why);
    };
  }

  @Override
  public void onCall(String correlationId, CallSignal signal) {
    int index = Integer.parseInt(correlationId.substring(correlationId.lastIndexOf('-') + 1));
    if (messages.get(index) instanceof ApiMessage.Make make) {
      JsonObject result = Results.called(make, signal);
      if (result != null) {
        settle(index, result);
      }
    }
  }

  private void settleLater(int index, JsonObject result) {
    desk.run(() -> settle(index, result));
  }

  private void settle(int index, JsonObject result) {
    if (over || results[index] != null) {
      return;
    }
    resultBytes += result.encodedBytes();
    boolean fits = resultBytes <= options.batchBytesMax();
    results[index] = fits ? result : tooMuch(messages.get(index));
    if (!fits) {
      resultBytes -= result.encodedBytes();
    }
    missing--;
    if (missing == 0) {
      finish();
    }
  }

  private JsonObject tooMuch(ApiMessage message) {
    return refused(
        message,
        ErrorCode.LIMIT_REACHED,
        "The answer would exceed %d bytes; ask for less in one request"
            .formatted(options.batchBytesMax()));
  }

  private void timedOut() {
    if (over) {
      return;
    }
    boolean calling = false;
    for (int i = 0; i < results.length; i++) {
      if (results[i] == null) {
        results[i] = Results.TIMED_OUT;
        calling |= messages.get(i) instanceof ApiMessage.Make;
      }
    }
    if (calling) {
      desk.leave(this);
    }
    finish();
  }

  private void finish() {
    over = true;
    int succeeded = 0;
    var all = new ArrayList<JsonObject>(results.length);
    for (JsonObject result : results) {
      JsonObject given = result == null ? Results.TIMED_OUT : result;
      succeeded += given.get("success") == JsonBoolean.TRUE ? 1 : 0;
      all.add(given);
    }
    String word =
        succeeded == results.length ? "SUCCESS" : succeeded == 0 ? "FAILURE" : "PARTIAL_SUCCESS";
    answer.complete(JsonObject.of("result", JsonString.of(word)).with("body", JsonArray.of(all)));
  }
}
