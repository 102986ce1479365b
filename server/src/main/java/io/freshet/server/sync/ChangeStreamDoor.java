// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.net.HttpAnswer;
import io.freshet.server.net.HttpCall;
import io.freshet.server.net.HttpRoute;
import io.freshet.server.net.Query;
import io.freshet.server.net.StreamDoor;
import io.freshet.server.stream.StreamWish;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// `GET /api/streams/{collection}`: a change stream as Server-Sent Events, for those who come with
/// curl. It has no name: a client that comes back says with `Last-Event-ID`, or `from`, where it
/// was.
///
/// Threading: any thread.
public final class ChangeStreamDoor implements StreamDoor {
  private static final String PATH = "/api/streams";
  private static final Set<String> PARAMETERS =
      Set.of("create", "update", "delete", "from", "mode", "typed", "token");

  private final SyncDoor door;

  ChangeStreamDoor(SyncDoor door) {
    this.door = door;
  }

  @Override
  public HttpRoute.Place place() {
    return HttpRoute.Place.ofPages(PATH);
  }

  @Override
  public CompletionStage<Opening> open(HttpCall call) {
    StreamWish wish;
    StreamLogin login;
    try {
      wish = wish(call);
      login = StreamLogin.of(door, call, PATH);
    } catch (FreshetException e) {
      return CompletableFuture.completedStage(
          new Opening.Refused(HttpAnswer.problem(e.code(), String.valueOf(e.getMessage()))));
    }
    return login.open(session -> session.streams().begin(null, wish));
  }

  private StreamWish wish(HttpCall call) {
    Query query = call.parameters();
    for (String name : query.names()) {
      if (!PARAMETERS.contains(name)) {
        throw Arguments.invalid("\"" + name + "\" is not known here");
      }
    }
    JsonObject given = JsonObject.of("collection", JsonString.of(collection(call)));
    for (String action : List.of("create", "update", "delete")) {
      Optional<String> filter = query.one(action);
      if (filter.isPresent()) {
        String text = filter.get();
        given = given.with(action, text.isEmpty() ? JsonObject.empty() : Json.parse(text));
      }
    }
    Optional<String> from =
        call.header("Last-Event-ID").filter(id -> !id.isBlank()).or(() -> query.one("from"));
    given = from.isPresent() ? given.with("from", JsonString.of(from.get())) : given;
    Optional<String> mode = query.one("mode");
    given = mode.isPresent() ? given.with("mode", JsonString.of(mode.get())) : given;
    Optional<String> typed = query.one("typed");
    given = typed.isPresent() ? given.with("typed", flag(typed.get())) : given;
    return door.shared().streamArguments().read(new Arguments(given));
  }

  private static JsonValue flag(String text) {
    return switch (text) {
      case "true" -> JsonBoolean.TRUE;
      case "false" -> JsonBoolean.FALSE;
      case String _ -> JsonString.of(text);
    };
  }

  private static String collection(HttpCall call) {
    List<String> segments = call.segments();
    if (segments.size() != 1) {
      throw new FreshetException(
          ErrorCode.UNKNOWN_ROUTE, "Name one collection: " + PATH + "/{collection}");
    }
    return segments.getFirst();
  }
}
