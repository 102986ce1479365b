// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.client;

import static io.freshet.client.FreshetClient.await;

import io.freshet.client.Change;
import io.freshet.client.ChangeStream;
import io.freshet.client.Document;
import io.freshet.client.DocumentCollection;
import io.freshet.client.FreshetClient;
import io.freshet.client.StreamOptions;
import io.freshet.client.WhenFull;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// A collection of 1 024 documents that has changed 300 000 times, read from the oldest change on
/// by a loop over typed changes, by a named stream; again under another name when it is through.
/// Each document's revisions must come in order and once, and all of them.
final class TypedStream {
  private static final int CHANGES = 300_000;
  private static final int DOCUMENTS = 1024;
  private static final int WINDOW = 16_384;

  record Order(String status, long number, double total, List<String> tags) {}

  private TypedStream() {}

  static void run(String url, JavaClient.Time time) {
    try (FreshetClient client = FreshetClient.builder(url).pending(4096, WhenFull.WAIT).build()) {
      fill(client.sync().collection("orders", Order.class));
      var warmUp = new Stopwatch();
      int replays = 0;
      while (warmUp.seconds() < time.warmUpSeconds()) {
        replay(client, "warm-" + ++replays);
      }
      var watch = new Stopwatch();
      long events = 0;
      while (watch.seconds() < time.seconds()) {
        replay(client, "replay-" + ++replays);
        events += CHANGES;
      }
      double seconds = watch.seconds();
      double processor = watch.processorSeconds();
      JavaClient.say("stream", "events/s", events / seconds);
      JavaClient.say("stream", "client CPU share", processor / seconds);
      JavaClient.say("stream", "client CPU-s per million", processor / events * 1e6);
    }
  }

  private static void fill(DocumentCollection<Order> orders) {
    CompletableFuture<Document<Order>> last = new CompletableFuture<>();
    for (int i = 0; i < CHANGES; i++) {
      var order = new Order("open", i, i / 4.0, List.of("new", "b" + i % 7));
      String id = "o" + i % DOCUMENTS;
      last = i < DOCUMENTS ? orders.create(id, order) : orders.replace(id, order);
    }
    await(last);
  }

  private static void replay(FreshetClient client, String name) {
    StreamOptions<Order> options = StreamOptions.<Order>named(name).fromEarliest().window(WINDOW);
    var seen = new long[DOCUMENTS];
    int events = 0;
    try (ChangeStream<Order> stream = client.changes("orders", Order.class).stream(options)) {
      for (Change<Order> change : stream) {
        int document = Integer.parseInt(change.place().documentId().substring(1));
        long number = numberOf(change);
        JavaClient.require(change.place().revision() == ++seen[document], "a revision is missing");
        JavaClient.require(number % DOCUMENTS == document, "another row");
        if (++events == CHANGES) {
          break;
        }
      }
      await(stream.stop());
    }
    JavaClient.require(Arrays.stream(seen).sum() == CHANGES, "changes are missing");
  }

  private static long numberOf(Change<Order> change) {
    return switch (change) {
      case Change.Created<Order>(Order created, var _) -> created.number();
      case Change.Updated<Order>(var _, Order after, var _) -> after.number();
      case Change.Deleted<Order>(Order deleted, var _) -> deleted.number();
    };
  }
}
