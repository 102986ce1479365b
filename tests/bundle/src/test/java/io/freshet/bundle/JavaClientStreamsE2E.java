// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static io.freshet.client.FreshetClient.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.Change;
import io.freshet.client.Change.Created;
import io.freshet.client.Change.Deleted;
import io.freshet.client.Change.Updated;
import io.freshet.client.ChangeCollection;
import io.freshet.client.ChangeStream;
import io.freshet.client.DocumentCollection;
import io.freshet.client.Filter;
import io.freshet.client.FreshetClient;
import io.freshet.client.FreshetClientException;
import io.freshet.client.StreamOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Change streams through the Java client.
@Timeout(120)
class JavaClientStreamsE2E {
  private static final int SECONDS_MAX = 30;

  @TempDir static Path folder;
  private static RunningServer server;
  private static int count;

  private FreshetClient client;
  private String collection;

  record User(String id, String email, int age, List<String> tags) {}

  @BeforeAll
  static void start() throws Exception {
    server = RunningServer.start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @BeforeEach
  void connect() {
    client = FreshetClient.connect("ws://" + server.address());
    collection = "User" + ++count;
  }

  @AfterEach
  void close() {
    client.close();
  }

  private ChangeCollection<User> changes() {
    return client.changes(collection, User.class);
  }

  private DocumentCollection<Map<String, Object>> users() {
    return client.sync().collection(collection);
  }

  private void create(String id, String email, int age) {
    await(users().create(id, Map.of("email", email, "age", age, "tags", List.of("new"))));
  }

  private static String said(Change<User> change) {
    return switch (change) {
      case Created<User>(User user, var place) -> "+" + user.id() + " " + user.email();
      case Updated<User>(var before, User after, var place) ->
          before.age() + "→" + after.age() + " " + place.documentId();
      case Deleted<User>(User user, var place) -> "-" + user.id() + " r" + place.revision();
    };
  }

  @Test
  void deliversTypedChangesInOrder() {
    try (ChangeStream<User> stream = changes().stream()) {
      await(stream.ready());
      create("a", "a@example.com", 1);
      await(users().merge("a", Map.of("age", 2)));
      await(users().delete("a"));
      Iterator<Change<User>> loop = stream.iterator();
      assertEquals("+a a@example.com", said(loop.next()));
      assertEquals("1→2 a", said(loop.next()));
      assertEquals("-a r3", said(loop.next()));
      assertThrows(FreshetClientException.class, stream::iterator);
    }
  }

  @Test
  void resumesANamedStreamBehindWhatWasHandled() {
    StreamOptions<User> named = StreamOptions.named("all-" + collection);
    try (ChangeStream<User> first = changes().stream(named)) {
      await(first.ready());
      for (int i = 0; i < 5; i++) {
        create("u" + i, i + "@example.com", i);
      }
      Iterator<Change<User>> loop = first.iterator();
      loop.next();
      loop.next();
      // Two are handled now; the third is only in hand.
      assertEquals("+u2 2@example.com", said(loop.next()));
    }
    try (ChangeStream<User> second = changes().stream(named)) {
      assertTrue(await(second.ready()).resumed());
      assertEquals("+u2 2@example.com", said(second.iterator().next()));
    }
  }

  @Test
  void filtersByFieldsThatTheCompilerKnows() {
    StreamOptions<User> options =
        StreamOptions.<User>all()
            .created(
                Filter.text(User::email)
                    .ignoringCase()
                    .endsWith("@EXAMPLE.com")
                    .and(Filter.ordered(User::age).atLeast(18)))
            .updated(
                Filter.list(User::tags)
                    .has("new")
                    .and(Filter.where(User::age).in(List.of(20, 30))));
    try (ChangeStream<User> stream = changes().stream(options)) {
      await(stream.ready());
      create("young", "young@example.com", 17);
      create("other", "other@example.org", 40);
      create("right", "right@example.com", 18);
      await(users().merge("other", Map.of("age", 19)));
      await(users().merge("other", Map.of("age", 20)));
      await(users().delete("right"));
      await(users().merge("other", Map.of("age", 30)));
      Iterator<Change<User>> loop = stream.iterator();
      assertEquals("+right right@example.com", said(loop.next()));
      assertEquals("19→20 other", said(loop.next()));
      assertEquals("20→30 other", said(loop.next()));
    }
  }

  @Test
  void callsBackAndStopsWhenTheListenerFails() throws Exception {
    var seen = new LinkedBlockingQueue<String>();
    ChangeStream<User> stream = changes().stream();
    await(stream.ready());
    CompletableFuture<Void> reading =
        stream.each(change -> {
          seen.add(said(change));
          if (change.place().documentId().equals("bad")) {
            throw new IllegalStateException("no");
          }
        });
    create("good", "g", 1);
    assertEquals("+good g", seen.poll(SECONDS_MAX, TimeUnit.SECONDS));
    create("bad", "b", 1);
    FreshetClientException why = assertThrows(FreshetClientException.class, () -> await(reading));
    assertInstanceOf(IllegalStateException.class, why.getCause());
    await(stream.stop());
  }

  @Test
  void publishesAsMuchAsIsAskedFor() throws Exception {
    var seen = new LinkedBlockingQueue<String>();
    var ended = new CompletableFuture<Void>();
    var upstream = new CompletableFuture<Flow.Subscription>();
    ChangeStream<User> stream = changes().stream();
    await(stream.ready());
    stream.subscribe(
        new Flow.Subscriber<Change<User>>() {
          @Override
          public void onSubscribe(Flow.Subscription subscription) {
            upstream.complete(subscription);
            subscription.request(2);
          }

          @Override
          public void onNext(Change<User> change) {
            seen.add(said(change));
          }

          @Override
          public void onError(Throwable failure) {
            ended.completeExceptionally(failure);
          }

          @Override
          public void onComplete() {
            ended.complete(null);
          }
        });
    for (String each : List.of("a", "b", "c")) {
      create(each, each, 1);
    }
    assertEquals("+a a", seen.poll(SECONDS_MAX, TimeUnit.SECONDS));
    assertEquals("+b b", seen.poll(SECONDS_MAX, TimeUnit.SECONDS));
    assertTrue(seen.isEmpty());
    await(upstream).request(1);
    assertEquals("+c c", seen.poll(SECONDS_MAX, TimeUnit.SECONDS));
    await(stream.stop());
    await(upstream).request(1);
    ended.get(SECONDS_MAX, TimeUnit.SECONDS);
  }

  @Test
  void tellsOfCodesThatEndAStream() {
    StreamOptions<User> named = StreamOptions.named("one-" + collection);
    try (ChangeStream<User> holder = changes().stream(named);
        FreshetClient other = FreshetClient.connect("ws://" + server.address())) {
      await(holder.ready());
      Iterator<Change<User>> loop = other.changes(collection, User.class).stream(named).iterator();
      FreshetClientException taken = assertThrows(FreshetClientException.class, loop::hasNext);
      assertEquals("NAME_IN_USE", taken.code());
    }
  }

  @Test
  void subscribesToWhatHappensNow() {
    create("before", "b", 1);
    try (ChangeStream<User> live = changes().subscribe()) {
      await(live.ready());
      create("after", "a", 2);
      assertEquals("+after a", said(live.iterator().next()));
    }
  }

  @Test
  void beginsWithTheOldest() {
    create("a", "1", 1);
    create("b", "2", 2);
    var seen = new ArrayList<String>();
    try (ChangeStream<User> stream = changes().stream(StreamOptions.<User>all().fromEarliest())) {
      for (Change<User> change : stream) {
        seen.add(said(change));
        if (seen.size() == 2) {
          break;
        }
      }
    }
    assertEquals(List.of("+a 1", "+b 2"), seen);
  }
}
