// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.Condition;
import io.freshet.engine.command.Interest;
import io.freshet.engine.command.Revision;
import io.freshet.engine.command.Terms;
import io.freshet.engine.decide.Circumstances;
import io.freshet.engine.decide.Decider;
import io.freshet.engine.decide.Decision;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Publication;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.RecordPath;
import io.freshet.spi.RequestKey;
import io.freshet.testkit.FaultyStore;
import io.freshet.testkit.MemoryStore;
import io.freshet.testkit.Seeds;
import io.freshet.testkit.VirtualClock;
import io.freshet.testkit.Writes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Random histories of both faces with batches, expiry, repetitions, other writers, failures, rules
/// that have to load, and documents that come and go from memory: batches are whole, every decision
/// holds for the state it was committed on, commands for one document keep their order, and whoever
/// follows sees the log.
class BatchPropertyTest {
  private static final int STEPS = 1500;
  private static final DocumentKey RULES = new DocumentKey("rules", "all");
  private static final List<DocumentKey> KEYS =
      List.of(
          new DocumentKey("a", "1"),
          new DocumentKey("a", "2"),
          new DocumentKey("b", "1"),
          new DocumentKey("b", "2"));

  /// Some principals need to see the rules before they may do anything.
  private static final Guard GUARD =
      request ->
          request.principal().id().equals("c2") && !request.loaded().containsKey(RULES)
              ? new GuardAnswer.Needs(List.of(RULES))
              : GuardAnswer.Allow.ALLOW;

  private final VirtualClock clock = VirtualClock.atNoon();
  private final MemoryStore memory = new MemoryStore(clock);
  private final FaultyStore store = new FaultyStore(memory);
  private final EngineHarness harness =
      new EngineHarness(
          store,
          GUARD,
          new EngineOptions(
                  JsonLimits.DEFAULT,
                  EngineHarness.OPTIONS.listen(),
                  EngineHarness.OPTIONS.rpc(),
                  1024,
                  5,
                  1 << 20,
                  900)
              .withExpiry(ExpiryOptions.NEVER),
          clock);
  private final EngineHarness.Loop view = new EngineHarness.Loop();
  private final List<Single> singles = new ArrayList<>();
  private final List<Several> several = new ArrayList<>();
  private final List<EngineHarness.Reply> reads = new ArrayList<>();
  private final List<Command.Revise> repeatable = new ArrayList<>();
  private final Map<EventId, Change> logged = new HashMap<>();
  private int requests;

  private record Single(Command.DocumentWrite command, EngineHarness.Reply reply) {
    @Nullable RequestKey request() {
      return command instanceof Command.Revise revise ? revise.terms().request() : null;
    }
  }

  private record Several(Command.Batch command, EngineHarness.Reply reply) {}

  static java.util.stream.LongStream seeds() {
    return Seeds.all();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everythingIsWholeInOrderAndTold(long seed) {
    var random = new Random(seed);
    harness.client("view", view).follow(Interest.ALL);
    harness.settle();
    for (int i = 0; i < STEPS; i++) {
      step(random);
    }
    store.releaseFeeds();
    store.releaseLoads();
    store.releaseOutcomes();
    store.mend();
    harness.settle();
    harness.settle();
    assertTrue(harness.engine.isIdle(), "seed " + seed);
    List<Change> log = memory.read(memory.logOf("a"), null, 1, Integer.MAX_VALUE);
    checkAnswered(seed);
    log.forEach(each -> logged.put(each.id(), each));
    checkDecisions(seed);
    checkBatches(log, seed);
    checkOrder(seed);
    checkRequests(seed);
    assertEquals(
        log.stream().filter(each -> each.operation() != Operation.OPEN).toList(),
        view.publications().stream().map(Publication::change).toList(),
        "seed " + seed);
    checkReads(seed);
  }

  private void step(Random random) {
    switch (random.nextInt(20)) {
      case 0, 1, 2, 3, 4 -> single(random, revise(random));
      case 5 -> single(random, record(random));
      case 6, 7, 8, 9 -> batch(random);
      case 10 -> {
        var client = client(random);
        reads.add(
            random.nextBoolean() ? client.read(key(random)) : client.watch(true, key(random)));
      }
      case 11 -> clock.advance(Duration.ofMillis(random.nextInt(20)));
      case 12, 13 -> {
        if (!harness.commits.isEmpty()) {
          harness.commit();
        }
      }
      case 14, 15 -> harness.turn();
      case 16 -> foreignWrite(random);
      default -> fault(random);
    }
  }

  private void fault(Random random) {
    switch (random.nextInt(12)) {
      case 0 -> store.failNext(1, ErrorCode.UNAVAILABLE);
      case 1 -> store.conflictNext(key(random));
      case 2 -> store.failNextReads(1, ErrorCode.UNAVAILABLE);
      case 3 -> store.holdFeeds();
      case 4 -> store.holdLoads();
      case 5 -> store.holdOutcomes();
      case 6, 7 -> store.releaseFeeds();
      case 8, 9 -> store.releaseLoads();
      case 10 -> store.releaseOutcomes();
      default -> {
        if (!store.heldLoads().isEmpty()) {
          store.heldLoads().getFirst().fail(ErrorCode.UNAVAILABLE);
        }
      }
    }
  }

  private EngineHarness.Client client(Random random) {
    return harness.client("c" + random.nextInt(3));
  }

  private static DocumentKey key(Random random) {
    return KEYS.get(random.nextInt(KEYS.size()));
  }

  private interface Maker {
    Command.DocumentWrite make(EngineHarness.Reply reply);
  }

  private void single(Random random, Maker maker) {
    var reply = new EngineHarness.Reply(client(random));
    Command.DocumentWrite command = maker.make(reply);
    singles.add(new Single(command, reply));
    harness.submit(command);
  }

  /// Now and then one that was sent before.
  private Maker revise(Random random) {
    if (random.nextInt(8) == 0 && !repeatable.isEmpty()) {
      Command.Revise first = repeatable.get(random.nextInt(repeatable.size()));
      return reply -> new Command.Revise(reply, first.key(), first.revision(), first.terms());
    }
    DocumentKey key = key(random);
    Revision revision = revision(random);
    Long expected = random.nextInt(4) == 0 ? (Long) (long) random.nextInt(12) : null;
    Long match = random.nextInt(12) == 0 ? (Long) (long) random.nextInt(12) : null;
    RequestKey request = random.nextInt(4) == 0 ? request() : null;
    var terms = new Terms(expected, match, request, null);
    return reply -> {
      var command = new Command.Revise(reply, key, revision, terms);
      if (request != null) {
        repeatable.add(command);
      }
      return command;
    };
  }

  private RequestKey request() {
    return new RequestKey("c", "any", "k" + requests++);
  }

  private Revision revision(Random random) {
    String json = "{\"n\":" + random.nextInt(100) + "}";
    return switch (random.nextInt(10)) {
      case 0, 1 -> new Revision.Create((JsonObject) Json.parse(json), expiry(random));
      case 2 -> new Revision.Replace(Json.parse(json));
      case 3 -> Revision.Delete.DELETE;
      case 4 -> Revision.Restore.RESTORE;
      case 5 -> new Revision.Touch(expiry(random));
      case 6 -> EngineHarness.merge("m", json);
      default -> EngineHarness.increment("n");
    };
  }

  private long expiry(Random random) {
    return random.nextInt(3) == 0 ? 0 : clock.millis() + random.nextInt(60);
  }

  private Maker record(Random random) {
    DocumentKey key = key(random);
    Condition condition =
        random.nextBoolean() ? Condition.Any.ANY : new Condition.Follows(random.nextInt(12));
    String value = "" + random.nextInt(100);
    return switch (random.nextInt(3)) {
      case 0 -> reply -> new Command.Delete(reply, key);
      case 1 ->
          reply ->
              new Command.Replace(reply, key, Json.parse("{\"n\":" + value + "}"), condition, true);
      default ->
          reply ->
              new Command.Edit(
                  reply,
                  key,
                  List.of(new FieldOperation.Set(RecordPath.parse("e"), Json.parse(value))),
                  condition,
                  true);
    };
  }

  private void batch(Random random) {
    var reply = new EngineHarness.Reply(client(random));
    List<Several> sent = several.stream().filter(each -> each.command.request() != null).toList();
    var command =
        random.nextInt(8) == 0 && !sent.isEmpty()
            ? repeated(reply, sent.get(random.nextInt(sent.size())).command)
            : new Command.Batch(reply, items(random), random.nextInt(4) == 0 ? request() : null);
    several.add(new Several(command, reply));
    harness.submit(command);
  }

  private static Command.Batch repeated(EngineHarness.Reply reply, Command.Batch first) {
    return new Command.Batch(reply, first.items(), first.request());
  }

  private List<Command.Batch.Item> items(Random random) {
    var keys = new ArrayList<>(KEYS);
    Collections.shuffle(keys, random);
    var items = new ArrayList<Command.Batch.Item>();
    for (DocumentKey key : keys.subList(0, random.nextInt(1, KEYS.size() + 1))) {
      Long expected = random.nextInt(12) == 0 ? (Long) (long) random.nextInt(12) : null;
      items.add(new Command.Batch.Item(key, sure(random), new Terms(expected, null, null, null)));
    }
    return items;
  }

  /// Mostly one that will not spoil the batch.
  private Revision sure(Random random) {
    return random.nextInt(3) == 0
        ? revision(random)
        : random.nextBoolean() ? Revision.Delete.DELETE : EngineHarness.increment("n");
  }

  private void foreignWrite(Random random) {
    Runnable write =
        () -> {
          Document current = stored(key(random));
          String value = "" + random.nextInt(100);
          var unused =
              memory.commit(
                  List.of(
                      current.isLive()
                          ? Writes.set(current, "n", value)
                          : Writes.create(current, Json.parse("{\"n\":" + value + "}"))));
        };
    if (random.nextBoolean()) {
      store.beforeNextCommit(write);
    } else {
      write.run();
    }
  }

  private Document stored(DocumentKey key) {
    return memory.load(List.of(key)).toCompletableFuture().join().getFirst();
  }

  private void checkAnswered(long seed) {
    singles.forEach(each -> assertTrue(!each.reply.isOpen(), "seed " + seed + ": " + each));
    several.forEach(each -> assertTrue(!each.reply.isOpen(), "seed " + seed + ": " + each));
    reads.forEach(each -> assertTrue(!each.isOpen(), "seed " + seed));
  }

  /// Decided once more on the state the log says it was committed on, it comes to the same.
  private void checkDecisions(long seed) {
    int committed = 0;
    for (Single each : singles) {
      if (each.reply.outcome() instanceof Outcome.Committed(Change change)
          && each.request() == null) {
        checkDecision(each.command, change, seed);
        committed++;
      }
    }
    assertTrue(committed > 10, "seed " + seed + ": only " + committed + " writes committed");
  }

  private void checkDecision(Command.DocumentWrite command, Change told, long seed) {
    Change change = asLogged(told);
    var allowed =
        new Circumstances((action, subject) -> GuardAnswer.Allow.ALLOW, change.actor(), 0);
    Decision again = new Decider(JsonLimits.DEFAULT).decide(command, change.before(), allowed);
    String which = "seed " + seed + ": " + command + " was committed as " + change;
    var write = assertInstanceOf(Decision.Accepted.class, again, which).write();
    assertEquals(write.operation(), change.operation(), which);
    assertEquals(write.after().data(), change.after().data(), which);
    assertEquals(write.after().revision(), change.revision(), which);
    assertEquals(write.after().expiresAt(), change.after().expiresAt(), which);
  }

  /// Whoever needs the rules is told without the data when they could not be loaded.
  private Change asLogged(Change told) {
    Change change = logged.get(told.id());
    boolean isBlind = told.after().isLive() && told.after().data() == JsonNull.NULL;
    assertEquals(change, isBlind ? change : told);
    return change;
  }

  private void checkBatches(List<Change> log, long seed) {
    var byBatch = new HashMap<String, List<Change>>();
    for (Change change : log) {
      if (change.batch() != null) {
        byBatch.computeIfAbsent(change.batch(), batch -> new ArrayList<>()).add(change);
      }
    }
    int whole = 0;
    Set<String> told = new HashSet<>();
    for (Several each : several) {
      var outcome = each.reply.as(Outcome.Batched.class);
      assertEquals(each.command.items().size(), outcome.items().size());
      if (outcome.failed() >= 0) {
        outcome.items().forEach(item -> assertInstanceOf(Outcome.Rejected.class, item));
        continue;
      }
      List<Change> changes = changes(each.command, outcome, seed);
      if (!changes.isEmpty()) {
        assertEquals(byBatch.get(changes.getFirst().batch()), changes, "seed " + seed);
        told.add(changes.getFirst().batch());
        whole++;
      }
      if (each.command.request() == null) {
        for (int i = 0; i < outcome.items().size(); i++) {
          if (outcome.items().get(i) instanceof Outcome.Committed(Change change)) {
            var item = each.command.items().get(i);
            checkDecision(
                new Command.Revise(each.reply, item.key(), item.revision(), item.terms()),
                change,
                seed);
          }
        }
      }
    }
    assertEquals(told, byBatch.keySet(), "seed " + seed + ": a refused batch left something");
    for (List<Change> changes : byBatch.values()) {
      long first = changes.getFirst().position().offset();
      for (int i = 0; i < changes.size(); i++) {
        assertEquals(first + i, changes.get(i).position().offset(), "seed " + seed);
      }
    }
    assertTrue(whole > 5, "seed " + seed + ": only " + whole + " batches committed");
  }

  private List<Change> changes(Command.Batch command, Outcome.Batched outcome, long seed) {
    var changes = new ArrayList<Change>();
    for (Outcome item : outcome.items()) {
      switch (item) {
        case Outcome.Committed(Change change) -> changes.add(asLogged(change));
        case Outcome.State(Document document) ->
            assertTrue(
                command.request() != null || document.revision() > 0 && !document.isLive(),
                "seed " + seed + ": nothing to do at " + document);
        case Outcome other -> throw new AssertionError("seed " + seed + ": " + other);
      }
    }
    return changes;
  }

  /// Commands for one document take effect in the order in which they were sent.
  private void checkOrder(long seed) {
    var last = new HashMap<DocumentKey, Long>();
    for (Single each : singles) {
      if (each.request() == null
          && each.reply.outcome() instanceof Outcome.Committed(Change change)) {
        Long before = last.put(change.key(), change.revision());
        assertTrue(
            before == null || before < change.revision(),
            "seed " + seed + ": " + before + " then " + change);
      }
    }
  }

  private void checkRequests(long seed) {
    Map<RequestKey, Change> first = new HashMap<>();
    for (Single each : singles) {
      RequestKey request = each.request();
      if (request != null && each.reply.outcome() instanceof Outcome.Committed(Change told)) {
        Change change = asLogged(told);
        Change known = first.putIfAbsent(request, change);
        assertTrue(known == null || known.equals(change), "seed " + seed + ": twice " + request);
      }
    }
  }

  /// What is in memory is what is stored.
  private void checkReads(long seed) {
    var client = harness.client("reader");
    for (DocumentKey key : KEYS) {
      var read = client.read(key);
      harness.settle();
      try {
        assertEquals(stored(key), read.state(), "seed " + seed);
      } catch (FreshetException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }
}
