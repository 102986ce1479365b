// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package example.guide;

import static io.freshet.client.FreshetClient.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import example.StartedServer;
import example.guide.Guide.Coords;
import example.guide.Guide.Session;
import example.guide.Guide.User;
import io.freshet.client.Document;
import io.freshet.client.FreshetClient;
import io.freshet.client.ListOptions;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The guide does what it says.
@Timeout(120)
class GuideE2E {
  @TempDir static Path folder;
  private static StartedServer server;
  private static FreshetClient client;

  @BeforeAll
  static void start() throws Exception {
    server = StartedServer.start(folder);
    client = FreshetClient.connect(server.url());
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    server.close();
  }

  @Test
  void recordsAreSeenByOthers() throws Exception {
    Guide.records(client);
    try (var other = FreshetClient.connect(server.url())) {
      var moved = new CompletableFuture<Double>();
      other
          .records()
          .getRecord("driver/jack")
          .subscribe(
              "coords.latitude",
              Double.class,
              true,
              latitude -> {
                if (latitude != null) {
                  moved.complete(latitude);
                }
              });
      assertEquals(52.53, moved.get());
    }
    assertEquals(52.53, await(client.records().snapshot("driver/jack", Driver.class)).at());
  }

  record Driver(Coords coords) {
    double at() {
      return coords.latitude();
    }
  }

  @Test
  void documentsAreMappedByTheClientAndByBothJacksons() {
    assertEquals(new Session("ended", 1), Guide.documents(client).data());
    try (var second = WithJackson2.connect(server.url());
        var third = WithJackson3.connect(server.url())) {
      assertEquals(new Session("ended", 1), Guide.documents(second).data());
      assertEquals(new Session("ended", 1), Guide.documents(third).data());
    }
  }

  @Test
  void streamsWelcomeWhoComes() throws Exception {
    var guide = new Guide();
    CompletableFuture<Void> reading =
        CompletableFuture.runAsync(
            () -> guide.streams(client), task -> Thread.ofVirtual().start(task));
    var users = client.sync().collection("User", User.class);
    // A new name begins when the server knows it.
    while (guide.said.isEmpty()) {
      await(users.create(new User("ada@example.com", "Ada")));
    }
    await(users.create(new User("nowhere", "Nobody")));
    await(users.create(new User("last@example.com", "Zoe")));
    CompletionException ended = assertThrows(CompletionException.class, reading::join);
    assertInstanceOf(Guide.Enough.class, ended.getCause());
    assertTrue(guide.said.toString().startsWith("welcome Ada\n"), guide.said.toString());
    assertTrue(guide.said.toString().endsWith("welcome Zoe\n"), guide.said.toString());
    assertTrue(!guide.said.toString().contains("Nobody"), guide.said.toString());
  }

  @Test
  void conflictsAreCaughtAndThreadsMayWait() {
    var sessions = client.sync().collection("many", Session.class);
    Document<Session> made = await(sessions.create(new Session("active", -1)));
    await(sessions.replace(made.id(), new Session("active", -2)));
    Guide.errors(sessions, made.id(), made.revision(), new Session("ended", -3));
    assertEquals(-2, await(sessions.get(made.id())).data().participants());
    Guide.threads(sessions);
    int listed = 0;
    for (var page = await(sessions.list(ListOptions.ALL)); ; ) {
      listed += page.items().size();
      if (page.next() == null) {
        break;
      }
      page = await(sessions.list(ListOptions.ALL.after(page.next())));
    }
    assertEquals(1001, listed);
  }
}
