// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package example.readme;

import static io.freshet.client.FreshetClient.await;

import io.freshet.client.Change;
import io.freshet.client.Document;
import io.freshet.client.DocumentCollection;
import io.freshet.client.Filter;
import io.freshet.client.FreshetClient;
import io.freshet.client.LiveRecord;
import io.freshet.client.MergeStrategy;
import io.freshet.client.Mutations;
import io.freshet.client.ReturnMode;
import io.freshet.client.StreamOptions;
import io.freshet.client.Subscription;
import io.freshet.client.TopicOptions;
import io.freshet.client.jackson.Jackson3Mapping;
import tools.jackson.databind.json.JsonMapper;

/// What clients/java/README.md shows, in its order.
abstract class Readme {
  record User(String email) {}

  record Coords(double lat, double lon) {}

  interface StreetMap {
    void move(Coords to);
  }

  static void documents() {
    record Session(String status, int participants) {}

    try (var client = FreshetClient.connect("ws://127.0.0.1:6020")) {
      var sessions = client.sync().collection("session", Session.class);
      Document<Session> made =
          await(sessions.create(new Session("active", 0))); // FreshetClient.await
      await(sessions.mutate(made.id(), Mutations.begin().increment("participants", 1)));
      await(sessions.update(made.id(), session -> new Session("ended", session.participants())));
    }
  }

  abstract void welcome(User user);

  abstract void refresh(User user);

  abstract void forget(String id);

  abstract void stop(String name);

  void streams(FreshetClient client) {
    var options =
        StreamOptions.<User>named("welcome-mail")
            .created(Filter.text(User::email).endsWith("@example.com"));
    try (var stream = client.changes("User", User.class).stream(options)) {
      for (Change<User> change : stream) {
        switch (change) {
          case Change.Created<User>(User user, var place) -> welcome(user);
          case Change.Updated<User>(var before, User after, var place) -> refresh(after);
          case Change.Deleted<User>(User user, var place) -> forget(place.documentId());
        }
      }
    }
  }

  static void topics(DocumentCollection<?> sessions) {
    Subscription changes =
        sessions.subscribe(
            TopicOptions.updated("session").returnMode(ReturnMode.DIFF).withSnapshot(),
            event -> System.out.println(event.operation() + " " + event.diff()));
    await(changes.ready()); // from here on nothing is missed
  }

  void records(FreshetClient client, StreetMap map) {
    LiveRecord driver = await(client.records().getRecord("driver/jack").whenReady());
    driver.subscribe("coords", Coords.class, true, coords -> map.move(coords));
    driver.set(
        "coords", new Coords(52.5, 13.4)); // seen here at once; the future need not be waited for
    driver.setMergeStrategy(MergeStrategy.LOCAL_WINS); // or REMOTE_WINS (default), or your own
    client
        .records()
        .listen(
            "^driver/.*",
            request -> {
              request.accept();
              request.onStop(() -> stop(request.name()));
            });
  }

  static FreshetClient mapped(String url) {
    return FreshetClient.builder(url)
        .mapping(Jackson3Mapping.of(JsonMapper.shared()))
        .build(); // or Jackson2Mapping.of(objectMapper)
  }
}
