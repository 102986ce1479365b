// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.admin;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.guard.Principal;
import io.freshet.engine.stream.Start;
import io.freshet.engine.stream.StreamFigures;
import io.freshet.engine.stream.StreamState;
import io.freshet.protocol.EventId;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.net.AdminToken;
import io.freshet.server.net.HttpAnswer;
import io.freshet.server.net.HttpCall;
import io.freshet.server.net.HttpRoute;
import io.freshet.server.session.Desk;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// `/admin/streams`: change streams that are open, and the places of named ones.
///
/// Threading: any thread.
public final class StreamsRoute implements HttpRoute {
  private static final int BODY_BYTES_MAX = 1024;

  private final AdminToken token;
  private final Desk desk;

  public StreamsRoute(AdminToken token, Desk desk) {
    this.token = token;
    this.desk = desk;
  }

  @Override
  public Place place() {
    return new Place("/admin/streams", true, Set.of("GET", "POST", "DELETE"), BODY_BYTES_MAX);
  }

  @Override
  public @Nullable HttpAnswer refusal(HttpCall head) {
    return token.refusal(head);
  }

  @Override
  public CompletionStage<HttpAnswer> answer(HttpCall call) {
    List<String> segments = call.segments();
    boolean get = call.method().equals("GET");
    if (get && segments.isEmpty()) {
      return list();
    }
    if (get && segments.size() == 1) {
      return show(segments.getFirst());
    }
    if (call.method().equals("DELETE") && segments.size() == 1) {
      String name = segments.getFirst();
      return ask(reply -> new Command.DeleteStream(reply, name), outcome -> done(outcome, name));
    }
    if (call.method().equals("POST")
        && segments.size() == 2
        && segments.getLast().equals("reset")) {
      return reset(segments.getFirst(), call);
    }
    return CompletableFuture.completedStage(
        HttpAnswer.problem(
            ErrorCode.UNKNOWN_ROUTE,
            "use GET /admin/streams, GET or DELETE /admin/streams/NAME, or POST"
                + " /admin/streams/NAME/reset"));
  }

  private CompletionStage<HttpAnswer> list() {
    return ask(
        Command.ListStreams::new,
        outcome -> {
          List<JsonValue> all = states(outcome).stream().map(StreamsRoute::json).toList();
          return HttpAnswer.ok(JsonObject.of("streams", JsonArray.of(all)));
        });
  }

  private CompletionStage<HttpAnswer> show(String name) {
    return ask(
        Command.ListStreams::new,
        outcome ->
            states(outcome).stream()
                .filter(state -> name.equals(state.name()))
                .findFirst()
                .map(state -> HttpAnswer.ok((JsonObject) json(state)))
                .orElseGet(() ->
                    HttpAnswer.problem(ErrorCode.NOT_FOUND, "There is no stream of this name")));
  }

  private CompletionStage<HttpAnswer> reset(String name, HttpCall call) {
    Start start;
    try {
      start = start(call);
    } catch (FreshetException e) {
      return CompletableFuture.completedStage(
          HttpAnswer.problem(e.code(), String.valueOf(e.getMessage())));
    }
    return ask(
        reply -> new Command.ResetStream(reply, name, start), outcome -> done(outcome, name));
  }

  private static Start start(HttpCall call) {
    JsonValue body = Json.parse(call.body(), JsonLimits.DEFAULT);
    JsonValue to = body instanceof JsonObject object ? object.get("to") : null;
    String text = to instanceof JsonString string ? string.value() : "";
    return switch (text) {
      case "latest" -> Start.Latest.LATEST;
      case "earliest" -> Start.Earliest.EARLIEST;
      default -> {
        EventId id = EventId.parse(text);
        if (id == null) {
          throw new FreshetException(
              ErrorCode.INVALID_ARGUMENT,
              "send {\"to\": PLACE}: \"latest\", \"earliest\" or the id of an event");
        }
        yield new Start.After(id);
      }
    };
  }

  private CompletionStage<HttpAnswer> ask(
      Function<ReplyTo, Command> command, Function<Outcome, HttpAnswer> answer) {
    return desk.ask(Principal.OPERATOR, command)
        .thenApply(outcome ->
            outcome instanceof Outcome.Refused(ErrorCode code, String message)
                ? HttpAnswer.problem(code, message)
                : answer.apply(outcome));
  }

  private static HttpAnswer done(Outcome outcome, String name) {
    if (outcome instanceof Outcome.Done) {
      return HttpAnswer.ok(JsonObject.of("name", JsonString.of(name)));
    }
    throw unexpected(outcome);
  }

  private static List<StreamState> states(Outcome outcome) {
    if (outcome instanceof Outcome.Streams(List<StreamState> states)) {
      return states;
    }
    throw unexpected(outcome);
  }

  private static IllegalStateException unexpected(Outcome outcome) {
    return new IllegalStateException("no answer to this: " + outcome.getClass());
  }

  private static JsonValue json(StreamState state) {
    EventId place = state.place();
    JsonObject json =
        JsonObject.of("name", text(state.name()))
            .with("collection", JsonString.of(state.collection()))
            .with("place", text(place == null ? null : place.text()))
            .with("movedAt", time(state.movedAtMs()))
            .with("lagEvents", JsonNumber.of(state.lagEvents()))
            .with("lagBytes", JsonNumber.of(state.lagBytes()))
            .with("lagMs", JsonNumber.of(state.lagMs()))
            .with("client", text(state.client()));
    StreamFigures figures = state.figures();
    return figures == null ? json : with(json, figures);
  }

  private static JsonObject with(JsonObject json, StreamFigures figures) {
    long captured = figures.delivered() + figures.filtered() + figures.dropped();
    return json.with("captured", JsonNumber.of(captured))
        .with("delivered", JsonNumber.of(figures.delivered()))
        .with("filtered", JsonNumber.of(figures.filtered()))
        .with("redelivered", JsonNumber.of(figures.redelivered()))
        .with("dropped", JsonNumber.of(figures.dropped()))
        .with("inFlight", JsonNumber.of(figures.inFlight()));
  }

  private static JsonValue time(long ms) {
    return ms == 0 ? JsonNull.NULL : JsonString.of(Instant.ofEpochMilli(ms).toString());
  }

  private static JsonValue text(@Nullable String text) {
    return text == null ? JsonNull.NULL : JsonString.of(text);
  }
}
