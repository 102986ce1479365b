// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import static io.freshet.client.FreshetClient.await;

import io.freshet.client.Change;
import io.freshet.client.Document;
import io.freshet.client.Filter;
import io.freshet.client.FreshetClient;
import io.freshet.client.StreamOptions;

/// A program that sends a letter to every new user, also to those who came while it was not there.
final class Streams {
  record User(String email, String name, int age) {}

  public static void main(String[] args) {
    String url = args.length > 0 ? args[0] : "ws://127.0.0.1:6020";
    try (var client = FreshetClient.connect(url)) {
      var users = client.sync().collection("User", User.class);

      // The server keeps the place of a stream that has a name. Which changes: those that the
      // filters let through, each for its kind.
      var options =
          StreamOptions.<User>named("letters-" + client.getUid())
              .created(
                  Filter.text(User::email)
                      .endsWith("@example.com")
                      .and(Filter.ordered(User::age).atLeast(18)))
              .updated(Filter.where(User::name).isNotNull())
              .deleted(Filter.any());

      try (var stream = client.changes("User", User.class).stream(options)) {
        await(stream.ready()); // from here on nothing is missed
        await(users.create(new User("joe@example.org", "Joe", 40)));
        await(users.create(new User("kid@example.com", "Kid", 17)));
        Document<User> jane = await(users.create(new User("jane@example.com", "Jane", 30)));
        await(users.merge(jane.id(), new User("jane@example.com", "Jane Doe", 31)));
        int handled = 0;
        for (Change<User> change : stream) {
          handle(change);
          if (++handled == 2) {
            // Only the end of a loop's body says that a change is handled, and this one is left
            // early: the second change comes again.
            break;
          }
        }
        await(users.delete(jane.id()));
      }

      System.out.println("a night off");
      await(users.create(new User("joan@example.com", "Joan", 52)));

      try (var stream = client.changes("User", User.class).stream(options)) {
        System.out.println("went on: " + await(stream.ready()).resumed());
        for (Change<User> change : stream) {
          handle(change);
          if (change instanceof Change.Created<User>) {
            break;
          }
        }
      }
    }
  }

  private static void handle(Change<User> change) {
    switch (change) {
      case Change.Created<User>(User user, var place) ->
          System.out.println("welcome, " + user.name() + (place.snapshot() ? " (of old)" : ""));
      case Change.Updated<User>(User before, User after, var place) ->
          System.out.println(before.name() + " is now " + after.name());
      case Change.Deleted<User>(User user, var place) ->
          System.out.println("farewell, " + user.name());
    }
  }
}
