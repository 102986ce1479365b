// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.Engine;
import io.freshet.engine.EngineMeter;
import io.freshet.engine.EngineOptions;
import io.freshet.engine.command.Command;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.messaging.LocalBus;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.server.metrics.Metrics;
import io.freshet.server.net.AccessPolicy;
import io.freshet.server.net.NetOptions;
import io.freshet.server.net.NetServer;
import io.freshet.server.net.SocketLimits;
import io.freshet.server.runtime.EngineThread;
import io.freshet.server.runtime.EngineTimers;
import io.freshet.server.session.AuthenticatorChain;
import io.freshet.server.session.Commands;
import io.freshet.server.session.Desk;
import io.freshet.server.session.Revocations;
import io.freshet.server.session.Tokens;
import io.freshet.server.session.TrustedProxies;
import io.freshet.spi.Authenticator;
import io.freshet.spi.Authenticator.Verdict;
import io.freshet.testkit.FaultyStore;
import io.freshet.testkit.MemoryStore;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What needs permissions, an authenticator of its own, a full engine or a failing store.
class ApiRouteIT {
  private final FaultyStore store = new FaultyStore(new MemoryStore(InstantSource.system()));
  private final EngineThread thread = new EngineThread(() -> {});
  private final EngineTimers timers = new EngineTimers();
  private final ExecutorService committer = Executors.newSingleThreadExecutor();
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http = HttpClient.newHttpClient();
  private final Set<GuardAction> denied = EnumSet.noneOf(GuardAction.class);
  private volatile boolean guardFails;
  private volatile boolean inboxOpen = true;
  private HttpLogins logins;
  private Engine engine;
  private Desk desk;
  private NetServer net;

  @BeforeEach
  void start() {
    Guard guard =
        request ->
            !denied.contains(request.action())
                ? GuardAnswer.Allow.ALLOW
                : guardFails ? new GuardAnswer.Failed("no such rule") : GuardAnswer.Deny.DENY;
    engine =
        new Engine(
            new Engine.Surroundings(
                store,
                new LocalBus("here"),
                guard,
                InstantSource.system(),
                System::nanoTime,
                committer,
                timers,
                new Random(1),
                thread::wake,
                EngineMeter.NONE),
            EngineOptions.DEFAULT);
    desk = new Desk(new Inbox(), blocking, 7);
    var options =
        new ApiOptions(JsonLimits.DEFAULT, Duration.ofSeconds(5), true, ApiOptions.TOPICS);
    var tokens =
        new Tokens(
            new SecureRandom(), InstantSource.system(), Duration.ofHours(1), new Revocations());
    var authenticator = new AuthenticatorChain(List.of(tokens, ApiRouteIT::judge));
    logins = new HttpLogins(authenticator, new TrustedProxies(List.of()));
    net =
        NetServer.start(
            new NetOptions(
                "127.0.0.1",
                0,
                1,
                new AccessPolicy(Set.of(), false, Set.of()),
                new SocketLimits(
                    1 << 20,
                    65_536,
                    32_768,
                    16 << 20,
                    100,
                    100,
                    64L << 20,
                    Duration.ofSeconds(10))),
            List.of(),
            List.of(new ApiRoute(options, desk, logins), new AuthRoute(options, tokens, logins)),
            new Metrics());
    thread.start(engine);
  }

  private final class Inbox implements Commands {
    @Override
    public boolean submit(Command command) {
      return inboxOpen && engine.submit(command);
    }

    @Override
    public void wake() {
      engine.wake();
    }
  }

  /// Knows Anna, and Olga who has a token of her own; refuses others with a word, or an object.
  private static CompletableFuture<Verdict> judge(Authenticator.Attempt attempt) {
    String user = attempt.data().get("username") instanceof JsonString name ? name.value() : "";
    Verdict verdict =
        switch (user) {
          case "anna" ->
              new Verdict.Accepted(
                  "anna",
                  JsonObject.empty(),
                  JsonObject.of("likes", JsonString.of("tea")),
                  null,
                  null);
          case "olga" -> new Verdict.Accepted("olga", JsonObject.empty(), null, "her own", null);
          case "eve" -> new Verdict.Refused(JsonString.of("not you again"));
          case "eva" -> new Verdict.Refused(JsonObject.of("error", JsonString.of("x")));
          default -> Verdict.NotMine.NOT_MINE;
        };
    return CompletableFuture.completedFuture(verdict);
  }

  @AfterEach
  void stop() throws InterruptedException {
    net.close(Duration.ofSeconds(1));
    desk.close();
    thread.stop(Duration.ofSeconds(5));
    timers.close();
    engine.close();
    committer.shutdownNow();
    blocking.shutdownNow();
    http.close();
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + net.address().getPort() + path);
    return http.send(
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private JsonObject ask(String message) throws Exception {
    HttpResponse<String> answer =
        post("/api", "{\"authData\":{\"username\":\"anna\"},\"body\":[" + message + "]}");
    assertEquals(200, answer.statusCode(), answer.body());
    JsonObject whole = (JsonObject) Json.parse(answer.body().strip());
    return (JsonObject) ((JsonArray) whole.get("body")).get(0);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        "READ, READ, 3, '\"record\",\"action\":\"read\",\"recordName\":\"r\"'",
        "READ, HEAD, 5, '\"record\",\"action\":\"head\",\"recordName\":\"r\"'",
        "READ, READ, 3, '\"list\",\"action\":\"read\",\"listName\":\"r\"'",
        "DELETE, DELETE, 9, '\"record\",\"action\":\"delete\",\"recordName\":\"r\"'",
        "WRITE, UPDATE, 18, '\"record\",\"action\":\"write\",\"recordName\":\"r\",\"data\":{}'",
        "WRITE, PATCH, 19,"
            + " '\"record\",\"action\":\"write\",\"recordName\":\"r\",\"path\":\"a\",\"data\":1'",
        "WRITE, CREATEANDUPDATE, 16,"
            + " '\"record\",\"action\":\"write\",\"recordName\":\"n\",\"data\":{}'",
        "CREATE, CREATEANDUPDATE, 16,"
            + " '\"record\",\"action\":\"write\",\"recordName\":\"n\",\"data\":{}'",
        "CREATE, CREATEANDPATCH, 17,"
            + " '\"record\",\"action\":\"write\",\"recordName\":\"n\",\"path\":\"a\",\"data\":1'",
        "RPC_REQUEST, REQUEST, 2, '\"rpc\",\"action\":\"make\",\"rpcName\":\"r\"'",
        "PRESENCE, QUERY_ALL, 2, '\"presence\",\"action\":\"query\"'",
        "PRESENCE, QUERY, 4, '\"presence\",\"action\":\"query\",\"names\":[\"x\"]'"
      })
  void saysWhatIsDenied(GuardAction action, String name, int number, String message)
      throws Exception {
    ask("{\"topic\":\"record\",\"action\":\"write\",\"recordName\":\"r\",\"data\":{}}");
    denied.add(action);
    String whole = "{\"topic\":" + message + "}";
    String topic =
        name.equals("REQUEST") ? "rpc" : name.startsWith("QUERY") ? "presence" : "record";
    int event = topic.equals("rpc") ? 107 : topic.equals("presence") ? 102 : 115;
    assertEquals(
        Json.parse(
            """
            {"success":false,"errorTopic":"%s","errorEvent":%d,"action":%d,
             "error":"Message denied. Action \\"%s\\" is not permitted."}
            """
                .formatted(topic, event, number, name)),
        ask(whole));
    guardFails = true;
    JsonObject failed = ask(whole);
    assertEquals(Json.parse(Integer.toString(event - 1)), failed.get("errorEvent"));
    assertTrue(failed.get("error").toString().contains("Message denied"), failed::toString);
    assertTrue(failed.get("error").toString().contains("no such rule"), failed::toString);
  }

  @Test
  void saysThatAnEventIsDenied() throws Exception {
    denied.add(GuardAction.EVENT_PUBLISH);
    for (boolean fails : new boolean[] {false, true}) {
      guardFails = fails;
      assertEquals(
          Json.parse(
              """
              {"success":false,"errorTopic":"event","errorEvent":"MESSAGE_DENIED",
               "errorAction":"emit","error":"Message denied. Action 'emit' is not permitted."}
              """),
          ask("{\"topic\":\"event\",\"action\":\"emit\",\"eventName\":\"e\"}"));
    }
  }

  @Test
  void answersEveryMessageWhenTheEngineTakesNone() throws Exception {
    inboxOpen = false;
    JsonObject result = ask("{\"topic\":\"record\",\"action\":\"head\",\"recordName\":\"r\"}");
    assertEquals(JsonString.of("OVERLOADED"), result.get("code"));
    assertEquals(Json.parse("103"), result.get("errorEvent"));
    assertEquals(0, desk.inFlight());
    inboxOpen = true;
    assertEquals(
        Json.parse("{\"success\":true,\"version\":-1}"),
        ask("{\"topic\":\"record\",\"action\":\"head\",\"recordName\":\"r\"}"));
  }

  @Test
  void saysThatTheStoreFails() throws Exception {
    store.failNext(1, ErrorCode.UNAVAILABLE);
    JsonObject result =
        ask("{\"topic\":\"record\",\"action\":\"write\",\"recordName\":\"r\",\"data\":{}}");
    assertEquals(JsonString.of("UNAVAILABLE"), result.get("code"));
    assertEquals(Json.parse("105"), result.get("errorEvent"));
  }

  @Test
  void carriesWhatTheAuthenticatorSays() throws Exception {
    HttpResponse<String> anna = post("/api/auth", "{\"username\":\"anna\"}");
    JsonObject issued = (JsonObject) Json.parse(anna.body().strip());
    assertEquals(Json.parse("{\"likes\":\"tea\"}"), issued.get("clientData"));
    HttpResponse<String> olga = post("/api/auth", "{\"username\":\"olga\"}");
    assertEquals(
        Json.parse("{\"token\":\"her own\",\"clientData\":null}"), Json.parse(olga.body().strip()));
    String message = "\"body\":[{\"topic\":\"record\",\"action\":\"head\",\"recordName\":\"r\"}]}";
    assertEquals(
        200, post("/api", "{\"token\":" + issued.get("token") + "," + message).statusCode());
    for (String unknown : List.of("\"her own\"", "\"" + "x".repeat(43) + "\"")) {
      HttpResponse<String> answer = post("/api", "{\"token\":" + unknown + "," + message);
      assertEquals(401, answer.statusCode());
      assertEquals("Unsuccessful authentication attempt.", answer.body().strip());
    }
    assertEquals(3, logins.takeAllowed());
    assertEquals(2, logins.takeDeclined());
    assertEquals(0, logins.takeAllowed());
  }

  @ParameterizedTest
  @CsvSource({
    "eve, not you again, not you again",
    "eva, Unsuccessful authentication attempt., Invalid authentication data.",
    "nobody, Unsuccessful authentication attempt., Invalid authentication data."
  })
  void refusesLogins(String user, String atApi, String atAuth) throws Exception {
    String login = "{\"username\":\"" + user + "\"}";
    HttpResponse<String> api = post("/api", "{\"authData\":" + login + ",\"body\":[{}]}");
    assertEquals(401, api.statusCode());
    assertEquals(atApi, api.body().strip());
    assertTrue(api.headers().firstValue("content-type").orElse("").startsWith("text/plain"));
    HttpResponse<String> auth = post("/api/auth", login);
    assertEquals(401, auth.statusCode());
    assertEquals(atAuth, auth.body().strip());
  }
}
