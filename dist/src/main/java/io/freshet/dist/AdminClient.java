// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Carries out an [AdminAction] at a running server and prints what came of it.
final class AdminClient {
  private static final Duration CONNECT_MAX = Duration.ofSeconds(5);
  private static final Duration ANSWER_MAX = Duration.ofSeconds(60);

  /// The server has its own limits; these only keep a wrong address from filling the memory.
  private static final JsonLimits ANSWER_LIMITS = new JsonLimits(256 << 20, 1100, 20_000_000);

  private final URI server;
  private final String token;
  private final TlsTrust trust;
  private final InputStream in;
  private final PrintStream out;

  /// @param in the data of a record to write, if the action does not have it
  AdminClient(URI server, String token, TlsTrust trust, InputStream in, PrintStream out) {
    this.server = server;
    this.token = token;
    this.trust = trust;
    this.in = in;
    this.out = out;
  }

  /// @throws RefusedException if it was not done, saying what to do
  void execute(AdminAction action) {
    switch (action) {
      case AdminAction.Get(String name) ->
          out.println(Json.text(present(call("GET", record(name), none()), "data")));
      case AdminAction.Put(String name, var json) -> {
        byte[] data = json.map(text -> text.getBytes(StandardCharsets.UTF_8)).orElseGet(this::read);
        JsonObject answer = call("PUT", record(name), BodyPublishers.ofByteArray(data));
        out.println(name + " is at version " + present(answer, "version"));
      }
      case AdminAction.Delete(String name) -> {
        JsonObject answer = call("DELETE", record(name), none());
        boolean was = present(answer, "deleted") == JsonBoolean.TRUE;
        out.println(was ? name + " is deleted" : "there was no " + name);
      }
      case AdminAction.ReloadPermissions() -> {
        JsonObject answer = call("POST", "/admin/permissions/reload", none());
        out.println("rules in effect: " + present(answer, "rules"));
        out.println("ended because of them: " + present(answer, "ended"));
      }
      case AdminAction.ReloadTls() -> {
        JsonObject answer = call("POST", "/admin/tls/reload", none());
        out.println(
            "certificate in effect: "
                + text(answer, "subject")
                + ", until "
                + text(answer, "expires"));
      }
      case AdminAction.Connections() -> list(call("GET", "/admin/connections", none()));
      case AdminAction.KickUser(String user) ->
          kicked(call("DELETE", "/admin/users/" + encoded(user) + "/connections", none()));
      case AdminAction.KickConnection(String id) ->
          kicked(call("DELETE", "/admin/connections/" + encoded(id), none()));
      case AdminAction.Streams() -> listStreams(call("GET", "/admin/streams", none()));
      case AdminAction.ShowStream(String name) ->
          out.println(Json.text(call("GET", stream(name), none())));
      case AdminAction.ResetStream(String name, String to) -> {
        String body = Json.text(JsonObject.of("to", JsonString.of(to)));
        call("POST", stream(name) + "/reset", BodyPublishers.ofString(body));
        out.println(name + " begins at " + to);
      }
      case AdminAction.DeleteStream(String name) -> {
        call("DELETE", stream(name), none());
        out.println(name + " is deleted");
      }
    }
  }

  private byte[] read() {
    try {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new RefusedException(ExitCode.USAGE, "cannot read standard input: " + e.getMessage());
    }
  }

  private static BodyPublisher none() {
    return BodyPublishers.noBody();
  }

  private static String record(String name) {
    return "/admin/records/" + encoded(name);
  }

  private static String stream(String name) {
    return "/admin/streams/" + encoded(name);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static JsonValue present(JsonObject answer, String property) {
    JsonValue value = answer.get(property);
    if (value == null) {
      throw new RefusedException(
          ExitCode.UNREACHABLE, "the answer is none of a Freshet server; is the URL right?");
    }
    return value;
  }

  private void list(JsonObject answer) {
    if (!(present(answer, "connections") instanceof JsonArray connections)) {
      return;
    }
    String row = "%-10s %-24s %-14s %-40s %s%n";
    out.printf(row, "ID", "USER", "DOOR", "ADDRESS", "SINCE");
    for (JsonValue each : connections) {
      if (each instanceof JsonObject one) {
        out.printf(
            row,
            text(one, "id"),
            text(one, "user"),
            text(one, "door"),
            text(one, "address"),
            text(one, "since"));
      }
    }
  }

  private void listStreams(JsonObject answer) {
    if (!(present(answer, "streams") instanceof JsonArray streams)) {
      return;
    }
    String row = "%-24s %-24s %-26s %10s %12s %10s  %s%n";
    out.printf(row, "NAME", "COLLECTION", "PLACE", "LAG", "LAG BYTES", "LAG MS", "CLIENT");
    for (JsonValue each : streams) {
      if (each instanceof JsonObject one) {
        out.printf(
            row,
            text(one, "name"),
            text(one, "collection"),
            text(one, "place"),
            one.get("lagEvents"),
            one.get("lagBytes"),
            one.get("lagMs"),
            text(one, "client"));
      }
    }
  }

  /// Without what could move the cursor of a terminal: users choose their names.
  private static String text(JsonObject object, String property) {
    return object.get(property) instanceof JsonString text
        ? text.value().replaceAll("\\p{Cntrl}", "?")
        : "";
  }

  private void kicked(JsonObject answer) {
    JsonValue closed = present(answer, "closed");
    out.println("connections closed: " + closed);
  }

  private JsonObject call(String method, String path, BodyPublisher body) {
    HttpResponse<byte[]> response = send(method, path, body);
    JsonObject answer;
    try {
      answer =
          Json.parse(response.body(), ANSWER_LIMITS) instanceof JsonObject object
              ? object
              : JsonObject.empty();
    } catch (FreshetException e) {
      answer = JsonObject.empty();
    }
    if (response.statusCode() == 200) {
      return answer;
    }
    String message = text(answer, "message");
    throw new RefusedException(
        response.statusCode() == 404 ? ExitCode.NOT_FOUND : ExitCode.ADMIN_REFUSED,
        message.isEmpty()
            ? "%s answered with status %d; is it a Freshet server?"
                .formatted(server, response.statusCode())
            : message);
  }

  private HttpResponse<byte[]> send(String method, String path, BodyPublisher body) {
    try (var http = client()) {
      HttpRequest request =
          HttpRequest.newBuilder(server.resolve(path))
              .timeout(ANSWER_MAX)
              .header("Authorization", "Bearer " + token)
              .header("Content-Type", "application/json")
              .method(method, body)
              .build();
      return http.send(request, BodyHandlers.ofByteArray());
    } catch (IOException | IllegalArgumentException e) {
      throw unreachable(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unreachable("interrupted");
    }
  }

  private HttpClient client() {
    HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(CONNECT_MAX);
    return ("https".equals(server.getScheme()) ? builder.sslContext(trust.context()) : builder)
        .build();
  }

  private RefusedException unreachable(@Nullable String why) {
    return new RefusedException(
        ExitCode.UNREACHABLE,
        "cannot reach %s%s; is the server running? --url names another"
            .formatted(server, why == null ? "" : " (" + why + ")"));
  }
}
