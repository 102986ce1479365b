// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static io.freshet.client.FreshetClient.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.ConnectionEvent;
import io.freshet.client.ConnectionState;
import io.freshet.client.FreshetClient;
import io.freshet.client.FreshetClientException;
import io.freshet.client.LiveRecord;
import io.freshet.client.Subscription;
import io.freshet.client.Token;
import io.freshet.client.TopicOptions;
import io.freshet.testkit.Eventually;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The Java client with a server that asks who it is, and does not let everybody do everything.
@Timeout(120)
class JavaClientRulesE2E {
  private static final String SECRET = "a secret of at least thirty-two characters";
  private static final String ADMIN = "an-admin-token-for-tests";

  @TempDir static Path folder;
  private static RunningServer server;

  @BeforeAll
  static void start() throws Exception {
    rules("");
    Files.writeString(
        folder.resolve("freshet.yml"),
        """
        permissions: permissions.yml
        admin: { token: %s }
        auth:
          - { type: jwt, secret: "%s", leeway: 0s }
        """
            .formatted(ADMIN, SECRET));
    String config = folder.resolve("freshet.yml").toString();
    server = RunningServer.start(folder, 0, "--config", config);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  /// @param more rules of records, a line each
  private static void rules(String more) throws Exception {
    Files.writeString(
        folder.resolve("permissions.yml"),
        """
        record:
          "*": { create: true, read: true, write: true, delete: true, listen: true, notify: true }
        %s
        event: { "*": { publish: true, subscribe: true, listen: true } }
        rpc: { "*": { provide: true, request: true } }
        presence: { "*": { allow: true } }
        """
            .formatted(more.indent(2)));
  }

  private static void reload(String more) throws Exception {
    rules(more);
    var request =
        HttpRequest.newBuilder(
                URI.create("http://" + server.address() + "/admin/permissions/reload"))
            .header("Authorization", "Bearer " + ADMIN)
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      assertEquals(200, answer.statusCode(), answer.body());
    }
  }

  private static String token(String user, long seconds) throws Exception {
    long end = Instant.now().getEpochSecond() + seconds;
    String text =
        encoded("{\"alg\":\"HS256\",\"typ\":\"JWT\"}")
            + "."
            + encoded("{\"sub\":\"%s\",\"exp\":%d}".formatted(user, end));
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    byte[] signature = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    return text + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
  }

  private static String encoded(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static FreshetClient.Builder builder() {
    return FreshetClient.builder("ws://" + server.address());
  }

  private static FreshetClient client(String user) throws Exception {
    return builder().token(token(user, 3600)).build();
  }

  private static String code(CompletableFuture<?> future) {
    return assertThrows(FreshetClientException.class, () -> await(future)).code();
  }

  // Logging in.

  @Test
  void aLoginIsRenewedWithoutLosingTheConnection() throws Exception {
    var asked = new AtomicInteger();
    var events = new ConcurrentLinkedQueue<ConnectionEvent>();
    try (FreshetClient client =
        builder()
            .token(() -> {
              asked.incrementAndGet();
              return Token.of(token("ann", 2));
            })
            .buildOffline()) {
      client.onState(events::add);
      await(client.connect());
      LiveRecord record = await(client.records().getRecord("renewed/a").whenReady());
      int before = asked.get();
      Eventually.holds(() -> asked.get() >= before + 2);
      await(record.set("n", 1));
      assertEquals(
          List.of(ConnectionState.CONNECTING, ConnectionState.CONNECTED),
          events.stream().map(ConnectionEvent::state).toList());
    }
  }

  @Test
  void aRefusedLoginEndsInsteadOfBeingRepeatedForEver() {
    var failures = new ConcurrentLinkedQueue<String>();
    try (FreshetClient fixed = builder().token("wrong").buildOffline()) {
      fixed.onError(why -> failures.add(why.code()));
      assertEquals("UNAUTHENTICATED", code(fixed.connect()));
      assertEquals(ConnectionState.DISCONNECTED, fixed.state());
      assertEquals("UNAVAILABLE", code(fixed.sync().get("a", "b")));
      assertEquals("UNAVAILABLE", code(fixed.records().setData("a/b", Map.of())));
    }
    var asked = new AtomicInteger();
    try (FreshetClient renewable =
        builder().token(() -> Token.of("wrong" + asked.incrementAndGet())).buildOffline()) {
      renewable.onError(why -> failures.add(why.code()));
      LiveRecord record = renewable.records().getRecord("refused/a");
      CompletableFuture<LiveRecord> ready = record.whenReady();
      assertEquals("UNAUTHENTICATED", code(renewable.connect()));
      assertEquals("UNAUTHENTICATED", code(ready));
      assertEquals(3, asked.get());
    }
    assertTrue(failures.isEmpty(), failures.toString());
  }

  // Rules.

  @Test
  void whatIsForbiddenFailsAsDenied() throws Exception {
    reload(
        "\"shut/*\": { create: false, read: false, write: false, delete: false, listen: false }");
    try (FreshetClient client = client("ann")) {
      var told = new ConcurrentLinkedQueue<String>();
      LiveRecord record = client.records().getRecord("shut/a").onError(why -> told.add(why.code()));
      CompletableFuture<Void> early = record.set("n", 1);
      assertThrows(FreshetClientException.Denied.class, () -> await(record.whenReady()));
      assertEquals("FORBIDDEN", code(early));
      Eventually.holds(() -> told.contains("FORBIDDEN"));
      assertEquals("FORBIDDEN", code(client.records().snapshot("shut/a")));
      assertEquals("FORBIDDEN", code(client.records().head("shut/a")));
      assertEquals("FORBIDDEN", code(client.records().setData("shut/a", Map.of())));
      assertEquals("FORBIDDEN", code(client.records().getRecord("shut/b").delete()));
      assertEquals("FORBIDDEN", code(client.records().listen("shut/.*", request -> {})));
      // The same pattern again: a refused one is not kept.
      assertEquals("FORBIDDEN", code(client.records().listen("shut/.*", request -> {})));
    }
  }

  @Test
  void aRefusedWriteIsTakenBack() throws Exception {
    reload("\"low/*\": { write: \"data.n < 10\" }");
    try (FreshetClient client = client("ann")) {
      LiveRecord record = await(client.records().getRecord("low/a").whenReady());
      await(record.set("n", 1));
      CompletableFuture<Void> refused = record.set("n", 11);
      assertEquals(11L, record.get("n"));
      assertEquals("FORBIDDEN", code(refused));
      assertEquals(1L, record.get("n"));
      await(record.set("n", 2));
      assertEquals(2, record.version());
    }
  }

  @Test
  void newRulesEndWhatIsOpen() throws Exception {
    reload("");
    try (FreshetClient ann = client("ann");
        FreshetClient bob = client("bob")) {
      var toBob = new ConcurrentLinkedQueue<String>();
      var toRecord = new ConcurrentLinkedQueue<String>();
      var asked = new ConcurrentLinkedQueue<String>();
      bob.onError(why -> toBob.add(why.code()));
      LiveRecord theirs = await(bob.records().getRecord("kept/a").whenReady());
      theirs.onError(why -> toRecord.add(why.code()));
      LiveRecord free = await(bob.records().getRecord("free/a").whenReady());
      await(bob.records().listen("kept/.*", request -> asked.add(request.name())));
      Subscription topic = bob.subscribe(TopicOptions.updated("kept"), event -> {});
      await(topic.ready());
      LiveRecord mine = await(ann.records().getRecord("kept/a").whenReady());
      await(mine.set("n", 1));
      Eventually.holds(() -> theirs.version() == 1);
      Eventually.holds(() -> asked.size() == 1);

      reload("\"kept/*\": { read: \"user.id === 'ann'\", listen: false }");
      Eventually.holds(() -> toRecord.contains("FORBIDDEN"));
      Eventually.holds(() -> toBob.contains("FORBIDDEN"));
      assertFalse(theirs.isReady());
      assertEquals("FORBIDDEN", code(theirs.whenReady()));
      assertEquals("FORBIDDEN", code(theirs.set("n", 2)));
      await(mine.set("n", "hidden"));
      await(ann.records().getRecord("kept/b").whenReady());
      await(free.set("n", 1));
      assertEquals(Map.of("n", 1L), theirs.get());
      assertEquals(List.of("kept/a"), List.copyOf(asked));
      assertEquals("FORBIDDEN", code(bob.records().getRecord("kept/a").whenReady()));

      reload("");
      LiveRecord again = await(bob.records().getRecord("kept/a").whenReady());
      assertEquals(Map.of("n", "hidden"), again.get());
    }
  }
}
