// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.net.HttpAnswer;
import io.freshet.server.net.HttpCall;
import io.freshet.server.net.HttpRoute;
import io.freshet.server.net.Query;
import io.freshet.server.net.StreamDoor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/// `GET /api/sync/stream`: the events of `/ws` as Server-Sent Events, one subscription per `topic`
/// of the query, the other options for all of them.
///
/// Threading: any thread.
public final class SyncStreamDoor implements StreamDoor {
  private static final String PATH = "/api/sync/stream";
  private static final Set<String> PARAMETERS =
      Set.of(
          "topic",
          "returnMode",
          "filter",
          "id",
          "scope",
          "snapshot",
          "conflate",
          "recover",
          "token");
  private static final int TOPICS_MAX = 64;

  private final SyncDoor door;

  SyncStreamDoor(SyncDoor door) {
    this.door = door;
  }

  @Override
  public HttpRoute.Place place() {
    return HttpRoute.Place.ofPage(PATH);
  }

  @Override
  public CompletionStage<Opening> open(HttpCall call) {
    List<ClientFrame.Subscribe> wanted;
    StreamLogin login;
    try {
      wanted = wanted(call.parameters(), call.header("Last-Event-ID"));
      login = StreamLogin.of(door, call, PATH);
    } catch (FreshetException e) {
      return CompletableFuture.completedStage(
          new Opening.Refused(HttpAnswer.problem(e.code(), String.valueOf(e.getMessage()))));
    }
    return login.open(session -> wanted.forEach(session::subscribe));
  }

  // What is asked.

  private static List<ClientFrame.Subscribe> wanted(Query query, Optional<String> lastEventId) {
    for (String name : query.names()) {
      if (!PARAMETERS.contains(name)) {
        throw Arguments.invalid("\"" + name + "\" is not known here");
      }
    }
    List<String> topics = query.all("topic");
    if (topics.isEmpty() || topics.size() > TOPICS_MAX) {
      throw Arguments.invalid("\"topic\" has to be given, up to %d times".formatted(TOPICS_MAX));
    }
    JsonObject options = options(query, lastEventId);
    var wanted = new ArrayList<ClientFrame.Subscribe>();
    for (String topic : topics) {
      wanted.add(ClientFrames.subscribe(options.with("topic", JsonString.of(topic)), null));
    }
    return wanted;
  }

  private static JsonObject options(Query query, Optional<String> lastEventId) {
    JsonObject options = JsonObject.empty();
    for (String name : List.of("returnMode", "id", "scope")) {
      options = with(options, name, query.one(name).map(JsonString::of));
    }
    options = with(options, "filter", query.one("filter").map(Json::parse));
    options = with(options, "snapshot", query.one("snapshot").map(SyncStreamDoor::plain));
    options = with(options, "conflate", query.one("conflate").map(SyncStreamDoor::plain));
    Optional<String> recover =
        lastEventId.filter(id -> !id.isBlank()).or(() -> query.one("recover"));
    return with(options, "recover", recover.map(SyncStreamDoor::list));
  }

  private static JsonObject with(
      JsonObject options, String name, Optional<? extends JsonValue> value) {
    return value.isPresent() ? options.with(name, value.get()) : options;
  }

  /// `true`, `false` or a number; anything else as text, to be refused as such.
  private static JsonValue plain(String text) {
    return switch (text) {
      case "", "true" -> JsonBoolean.TRUE;
      case "false" -> JsonBoolean.FALSE;
      default ->
          text.length() < 10 && text.chars().allMatch(c -> c >= '0' && c <= '9')
              ? JsonNumber.of(Long.parseLong(text))
              : JsonString.of(text);
    };
  }

  private static JsonArray list(String ids) {
    return JsonArray.of(
        Stream.of(ids.split(",", -1)).map(String::strip).map(JsonString::of).toList());
  }
}
