// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Publication;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.path.PathEdit;
import io.freshet.spi.Write;
import io.freshet.testkit.FaultyStore;
import io.freshet.testkit.MemoryStore;
import io.freshet.testkit.Seeds;
import io.freshet.testkit.Writes;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Random histories with conflicts, store failures, foreign writers and late feeds: whoever watches
/// sees every revision once, in order, and ends with the document as it is (invariants 5, 6, 7).
class HistoryPropertyTest {
  private static final int STEPS = 400;

  static java.util.stream.LongStream seeds() {
    return Seeds.all();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void watchersSeeEveryRevisionOnceAndInOrder(long seed) {
    var random = new Random(seed);
    var store = new FaultyStore(new MemoryStore(InstantSource.system()));
    var harness = new EngineHarness(store);
    var view = new View(harness);
    var keys =
        List.of(new DocumentKey("a", "1"), new DocumentKey("a", "2"), new DocumentKey("b", "1"));
    var replies = new ArrayList<EngineHarness.Reply>();
    for (int step = 0; step < STEPS; step++) {
      DocumentKey key = keys.get(random.nextInt(keys.size()));
      var client = harness.client("c" + random.nextInt(3), view);
      switch (random.nextInt(10)) {
        case 0 -> replies.add(client.delete(key));
        case 1 -> view.watch(key);
        case 2 -> foreignWrite(store, key, random);
        case 3 -> store.failNext(1, ErrorCode.UNAVAILABLE);
        case 4 -> replies.add(client.replace(key, "{\"n\":" + step + "}", -1, true));
        case 5 -> {
          if (!harness.commits.isEmpty()) {
            harness.commit();
          }
        }
        case 6 -> harness.turn();
        default ->
            replies.add(client.set(key, "f" + random.nextInt(4), "" + step, random.nextInt(6) - 1));
      }
    }
    store.mend();
    harness.settle();
    harness.settle();
    for (var reply : replies) {
      assertTrue(!reply.isOpen(), "seed " + seed + ": every command is answered");
    }
    for (DocumentKey key : keys) {
      view.check(key, store.load(List.of(key)).toCompletableFuture().join().getFirst(), seed);
    }
  }

  private static Write foreign(Document current, String value) {
    return current.isRecord()
        ? Writes.set(current, "foreign", value)
        : Writes.create(current, JsonObject.of("foreign", Json.parse(value)));
  }

  private static void foreignWrite(FaultyStore store, DocumentKey key, Random random) {
    Document current = store.load(List.of(key)).toCompletableFuture().join().getFirst();
    try {
      var unused = store.commit(List.of(foreign(current, String.valueOf(random.nextInt(100)))));
    } catch (io.freshet.protocol.error.FreshetException failureWasDue) {
      // The fault asked for hit this writer instead of the engine.
    }
  }

  /// A client that keeps a copy of what it watches, from snapshots and changes only.
  private static final class View implements io.freshet.engine.feed.Outlet {
    private final EngineHarness harness;
    private final EngineHarness.Client client;
    private final Map<DocumentKey, Document> copies = new HashMap<>();
    private final List<String> errors = new ArrayList<>();

    View(EngineHarness harness) {
      this.harness = harness;
      this.client = harness.client("view", this);
    }

    void watch(DocumentKey key) {
      if (!copies.containsKey(key)) {
        client.watch(false, key);
      }
    }

    @Override
    public void deliver(List<FeedItem> items) {
      for (FeedItem item : items) {
        switch (item) {
          case FeedItem.Changes(List<Publication> publications) ->
              publications.forEach(each -> apply(each.change()));
          case FeedItem.Answer(var replyTo, Outcome outcome) -> {
            replyTo.reply(outcome);
            if (outcome instanceof Outcome.Watching(List<Outcome.Watched> watched)
                && watched.getFirst()
                    instanceof Outcome.Watched.Snapshot(Document document, boolean provided)) {
              copies.put(document.key(), document);
            }
          }
          case FeedItem.Refreshed refreshed -> {}
          case FeedItem.ProviderChanged changed -> {}
          case FeedItem.ToListener signal -> {}
          case FeedItem.Events _,
              FeedItem.ToProvider _,
              FeedItem.ToCaller _,
              FeedItem.PresenceChanged _,
              FeedItem.NoMore _,
              FeedItem.RulesChanged _ ->
              throw new IllegalStateException("nobody asked for this");
        }
      }
    }

    private void apply(Change change) {
      Document copy = copies.get(change.key());
      if (copy == null) {
        errors.add("unasked change " + change);
        return;
      }
      if (change.revision() != copy.revision() + 1) {
        errors.add(change.key() + ": " + copy.revision() + " then " + change.revision());
      }
      var operations = change.operations();
      if (operations != null
          && !PathEdit.applyAll(copy.data(), operations).equals(change.after().data())) {
        errors.add("operations do not lead to the after-image: " + change);
      }
      if (change.after().life() == Document.Life.TOMBSTONE) {
        copies.remove(change.key());
      } else {
        copies.put(change.key(), change.after());
      }
    }

    void check(DocumentKey key, Document stored, long seed) {
      assertEquals(List.of(), errors, "seed " + seed);
      Document copy = copies.get(key);
      if (copy != null) {
        assertEquals(stored.revision(), copy.revision(), "seed " + seed);
        assertEquals(stored.data(), copy.data(), "seed " + seed);
      }
      assertTrue(harness.engine.isIdle());
    }
  }
}
