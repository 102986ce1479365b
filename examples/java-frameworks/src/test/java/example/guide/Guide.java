// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package example.guide;

import static io.freshet.client.FreshetClient.await;

import io.freshet.client.Change;
import io.freshet.client.Document;
import io.freshet.client.DocumentCollection;
import io.freshet.client.Filter;
import io.freshet.client.FreshetClient;
import io.freshet.client.FreshetClientException;
import io.freshet.client.LiveRecord;
import io.freshet.client.Mutations;
import io.freshet.client.StreamOptions;
import io.freshet.client.Token;
import io.freshet.client.WhenFull;
import io.freshet.client.WriteOptions;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Executors;

/// What docs/guides/java.md shows, in its order.
final class Guide {
  record Coords(double latitude, double longitude) {}

  record Session(String status, int participants) {}

  record User(String email, String name) {}

  interface Issuer {
    String newToken() throws Exception;
  }

  /// Ends the loop over changes, which otherwise goes on for ever.
  static final class Enough extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static final Logger LOG = System.getLogger(Guide.class.getName());

  final StringBuffer said = new StringBuffer();

  static void connect() {
    try (FreshetClient client = FreshetClient.connect("ws://127.0.0.1:6020")) {
      LiveRecord jack = await(client.records().getRecord("driver/jack").whenReady());
      await(jack.set("coords", new Coords(52.52, 13.40)));
    }
  }

  static FreshetClient configured(Issuer issuer) {
    FreshetClient client =
        FreshetClient.builder("wss://data.example.org")
            .token(() -> Token.of(issuer.newToken())) // before each connection, and before one ends
            .reconnectionAttempts(Integer.MAX_VALUE)
            .reconnectionDelay(Duration.ofMillis(200), Duration.ofSeconds(20))
            .requestTimeout(Duration.ofSeconds(10))
            .pending(50_000, WhenFull.WAIT)
            .build()
            .onState(event -> LOG.log(Level.INFO, "Freshet: {0}", event.state()))
            .onError(why -> LOG.log(Level.WARNING, "Freshet: {0}", why.getMessage()));
    return client;
  }

  static void records(FreshetClient client) {
    LiveRecord driver = client.records().getRecord("driver/jack");
    driver.subscribe(
        "coords", Coords.class, true, coords -> System.out.println("now at " + coords));
    driver.set("coords.latitude", 52.53);
  }

  static Document<Session> documents(FreshetClient client) {
    DocumentCollection<Session> sessions = client.sync().collection("session", Session.class);
    Document<Session> made = await(sessions.create(new Session("active", 0)));
    await(sessions.mutate(made.id(), Mutations.begin().increment("participants", 1)));
    await(sessions.update(made.id(), session -> new Session("ended", session.participants())));
    return await(sessions.get(made.id()));
  }

  void streams(FreshetClient client) {
    var options =
        StreamOptions.<User>named("letters").created(Filter.text(User::email).contains("@"));
    try (var changes = client.changes("User", User.class).stream(options)) {
      for (Change<User> change : changes) {
        switch (change) {
          case Change.Created<User>(User user, var place) -> welcome(user);
          case Change.Updated<User>(var before, User after, var place) -> refresh(after);
          case Change.Deleted<User>(User user, var place) -> forget(place.documentId());
        }
      }
    }
  }

  private void welcome(User user) {
    said.append("welcome ").append(user.name()).append('\n');
    if (user.email().startsWith("last@")) {
      throw new Enough();
    }
  }

  private void refresh(User user) {
    said.append("refresh ").append(user.name()).append('\n');
  }

  private void forget(String id) {
    said.append("forget ").append(id).append('\n');
  }

  static void errors(
      DocumentCollection<Session> sessions, String id, long revision, Session ended) {
    try {
      await(sessions.replace(id, ended, WriteOptions.expecting(revision).withCurrent()));
    } catch (FreshetClientException.Conflict e) {
      System.out.println("somebody else wrote " + e.details().get("current"));
    } catch (FreshetClientException.Unavailable e) {
      System.out.println(e.isPassing() ? "later, then" : "it may or may not be done: " + e.code());
    }
  }

  static void threads(DocumentCollection<Session> sessions) {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 1000; i++) {
        var session = new Session("active", i);
        threads.submit(() -> await(sessions.create(session)));
      }
    }
  }
}
