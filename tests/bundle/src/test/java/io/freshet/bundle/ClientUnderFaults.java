// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static io.freshet.client.FreshetClient.await;

import io.freshet.client.Change;
import io.freshet.client.ChangeStream;
import io.freshet.client.ConnectionState;
import io.freshet.client.Document;
import io.freshet.client.FreshetClient;
import io.freshet.client.FreshetClientException;
import io.freshet.client.LiveRecord;
import io.freshet.client.Mutations;
import io.freshet.client.StreamOptions;
import io.freshet.testkit.Eventually;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/// A program with the Java client, a process of its own so that its threads and objects can be
/// counted. Round after round it writes documents, counters and records and processes a named
/// stream, all through a wire that breaks at random bytes, while the server is killed and the
/// consumer is ended; after each round everything is compared with what the server has.
///
/// One writer lasts for all rounds; consumers end and begin anew.
final class ClientUnderFaults implements AutoCloseable {
  private static final String ORDERS = "orders";
  private static final int COUNTERS = 8;
  private static final int RECORDS = 8;
  private static final int WRITES_AT_ONCE = 64;
  private static final int CONSUMER_ENDS = 3;
  private static final int LIFE_BYTES_MIN = 20_000;
  private static final int SETTLING_MAX = 100;
  private static final Duration ROUND_MAX = Duration.ofMinutes(2);

  private final Path folder;
  private final int writes;
  private final Random random;
  private final int port;
  private final CuttingProxy proxy;
  private final FreshetClient writer;
  private final FreshetClient watcher;
  private final List<LiveRecord> records = new ArrayList<>();
  private final List<LiveRecord> watched = new ArrayList<>();
  private final long[] counted = new long[COUNTERS];
  private RunningServer server;
  private Consumer consumer;

  /// The last change of the log that was audited.
  private String audited = "earliest";

  private String appliedUpTo = "";

  private ClientUnderFaults(Path folder, int writes, long seed) throws IOException {
    this.folder = folder;
    this.writes = writes;
    this.random = new Random(seed);
    this.server = RunningServer.start(folder);
    this.port = server.port();
    this.proxy = new CuttingProxy(port, () -> 1 + random.nextInt(LIFE_BYTES_MIN + writes * 50));
    this.writer = client(proxy.url());
    this.watcher = client(proxy.url());
    for (int i = 0; i < RECORDS; i++) {
      records.add(writer.records().getRecord("state/" + i));
      watched.add(watcher.records().getRecord("state/" + i));
    }
    for (int i = 0; i < COUNTERS; i++) {
      await(writer.sync().create("counters", Map.of("n", 0), "c" + i));
    }
    this.consumer = new Consumer(appliedUpTo);
  }

  private static FreshetClient client(String url) {
    return FreshetClient.builder(url)
        .reconnectionAttempts(Integer.MAX_VALUE)
        .reconnectionDelay(Duration.ofMillis(10), Duration.ofMillis(200))
        .requestTimeout(ROUND_MAX)
        .build()
        .onError(e -> {}); // what fails is seen by its future
  }

  /// @param args a folder, rounds, writes in each, seed
  public static void main(String[] args) throws Exception {
    int rounds = Integer.parseInt(args[1]);
    var first = new LinkedHashMap<Integer, Holdings>();
    try (var run =
        new ClientUnderFaults(
            Path.of(args[0]), Integer.parseInt(args[2]), Long.parseLong(args[3]))) {
      for (int round = 1; round <= rounds; round++) {
        String told = run.round(round);
        Holdings now = settled(first.get(1));
        first.putIfAbsent(Math.min(round, 2), now);
        System.out.println("round " + round + ": " + told + "; " + now);
        requireNoGrowth(first.get(1), now);
      }
    }
  }

  /// The threads of a client that was closed just now may take a moment to end.
  private static Holdings settled(@Nullable Holdings first) throws InterruptedException {
    Holdings now = Holdings.now();
    for (int i = 0; i < SETTLING_MAX && first != null && now.threads() > first.threads(); i++) {
      Thread.sleep(100);
      now = Holdings.now();
    }
    return now;
  }

  /// Bounds leave room for what the JDK keeps for a while, not for one object of each round's
  /// thousands of operations.
  private static void requireNoGrowth(Holdings first, Holdings now) {
    require(now.threads() <= first.threads(), "threads: %s, then %s", first, now);
    require(now.virtualThreads() <= first.virtualThreads() + 100, "%s, then %s", first, now);
    require(now.clientObjects() <= first.clientObjects() + 300, "%s, then %s", first, now);
    require(now.httpObjects() <= first.httpObjects() + 500, "%s, then %s", first, now);
    require(now.heapBytes() <= first.heapBytes() + (8 << 20), "%s, then %s", first, now);
  }

  private static void require(boolean holds, String message, Object... arguments) {
    if (!holds) {
      throw new AssertionError(message.formatted(arguments));
    }
  }

  // One round.

  private String round(int round) throws Exception {
    long cutsBefore = proxy.cuts();
    proxy.calm(false);
    var load = new Load(round);
    Thread writing = Thread.startVirtualThread(load::run);
    var faults = new ArrayList<>(List.of(random.nextInt(writes)));
    for (int i = 0; i < CONSUMER_ENDS; i++) {
      faults.add(-random.nextInt(writes) - 1);
    }
    faults.sort((a, b) -> Integer.compare(Math.max(a, -a), Math.max(b, -b)));
    for (int at : faults) {
      int from = Math.min(Math.max(at, -at), writes - 1);
      Eventually.holds(() -> load.begun.get() > from, ROUND_MAX);
      if (at < 0) {
        consumer.end();
        appliedUpTo = consumer.upTo();
        consumer = new Consumer(appliedUpTo, consumer);
      } else {
        server.kill();
        server = RunningServer.start(folder, port);
      }
    }
    writing.join();
    load.settle();
    proxy.calm(true);
    String compared = audit(load);
    return compared + ", " + (proxy.cuts() - cutsBefore) + " connections cut";
  }

  /// What one round writes, and what became of it.
  private final class Load {
    final AtomicInteger begun = new AtomicInteger();
    final Map<String, CompletableFuture<?>> orders = new LinkedHashMap<>();
    final List<CompletableFuture<?>> others = new ArrayList<>();
    final AtomicIntegerArray increments = new AtomicIntegerArray(COUNTERS);
    final AtomicIntegerArray uncertain = new AtomicIntegerArray(COUNTERS);
    final Set<String> kept = new HashSet<>();
    final Set<String> unknown = new HashSet<>();
    private final int round;
    private final Semaphore room = new Semaphore(WRITES_AT_ONCE);

    Load(int round) {
      this.round = round;
    }

    void run() {
      for (int i = 0; i < writes; i++) {
        room.acquireUninterruptibly();
        String id = round + "-" + i;
        orders.put(id, counted(writer.sync().create(ORDERS, Map.of("n", i), id)));
        if (i % 4 == 0) {
          increment(i / 4 % COUNTERS);
          others.add(records.get(i / 4 % RECORDS).set("n", round * 1_000_000 + i));
        }
        begun.incrementAndGet();
      }
    }

    private <T> CompletableFuture<T> counted(CompletableFuture<T> write) {
      return write.whenComplete((done, failure) -> room.release());
    }

    private void increment(int counter) {
      var done =
          writer
              .sync()
              .collection("counters")
              .mutate("c" + counter, Mutations.begin().increment("n", 1));
      others.add(
          done.handle((document, failure) -> {
            (failure == null ? increments : uncertain).incrementAndGet(counter);
            return failure == null ? null : requireUnknown(failure);
          }));
    }

    /// Nothing may fail, but what was sent several times and never answered.
    private Void requireUnknown(Throwable failure) {
      Throwable why = failure instanceof CompletionException ? failure.getCause() : failure;
      boolean isUnknown = why instanceof FreshetClientException e && e.is("NOT_DURABLE");
      require(isUnknown, "%s", why);
      return null;
    }

    void settle() {
      others.forEach(FreshetClient::await);
      orders.forEach((id, write) -> {
        try {
          await(write);
          kept.add(id);
        } catch (FreshetClientException e) {
          requireUnknown(e);
          unknown.add(id);
        }
      });
    }
  }

  /// The consumer of the named stream: what it does with a change it does once, by the place of the
  /// change in the log.
  private final class Consumer {
    private final FreshetClient client = client(proxy.url());
    private final List<String> applied;
    private final AtomicInteger delivered;
    private final CompletableFuture<Void> reading;
    private volatile String upTo;

    Consumer(String upTo) {
      this(upTo, new ArrayList<>(), new AtomicInteger());
    }

    Consumer(String upTo, Consumer before) {
      this(upTo, before.applied, before.delivered);
    }

    private Consumer(String upTo, List<String> applied, AtomicInteger delivered) {
      this.upTo = upTo;
      this.applied = applied;
      this.delivered = delivered;
      this.reading = read();
    }

    /// Until it is ended. Whoever had the name may still seem to be there.
    private CompletableFuture<Void> read() {
      return client.changes(ORDERS).stream(
              StreamOptions.<Map<String, Object>>named("everything").fromEarliest())
          .each(this::process)
          .exceptionallyCompose(failure -> again(FreshetClientException.class.cast(failure)));
    }

    private CompletableFuture<Void> again(FreshetClientException why) {
      if (client.state() == ConnectionState.DISCONNECTED) {
        return CompletableFuture.completedFuture(null);
      } else if (!why.is("NAME_IN_USE")) {
        throw why;
      }
      return read();
    }

    private void process(Change<Map<String, Object>> change) {
      delivered.incrementAndGet();
      if (change.id().compareTo(upTo) > 0) {
        applied.add(change.id());
        upTo = change.id();
      }
    }

    String upTo() {
      return upTo;
    }

    /// In the middle of whatever it does.
    void end() {
      client.close();
      await(reading);
    }
  }

  // Afterwards.

  /// Compares what was written and processed with what a client sees that nothing happens to.
  private String audit(Load load) {
    try (FreshetClient auditor = client("ws://127.0.0.1:" + port)) {
      List<String> log = new ArrayList<>();
      Set<String> made = new HashSet<>();
      await(auditor.sync().create(ORDERS, Map.of(), "end-" + load.round));
      var options = StreamOptions.<Map<String, Object>>all().after(audited);
      try (ChangeStream<Map<String, Object>> stream = auditor.changes(ORDERS).stream(options)) {
        for (Change<Map<String, Object>> change : stream) {
          String id = change.place().documentId();
          log.add(change.id());
          require(change.place().revision() == 1 && made.add(id), "%s is there twice", id);
          if (id.equals("end-" + load.round)) {
            break;
          }
        }
      }
      audited = log.getLast();
      for (String id : load.kept) {
        require(made.contains(id), "%s was acknowledged and is gone", id);
      }
      requireThere(auditor, load.kept);
      long surplus = made.stream().filter(id -> !load.kept.contains(id)).count() - 1;
      require(surplus <= load.unknown.size(), "%d writes nobody made", surplus);
      requireProcessed(log);
      compareCounters(auditor, load);
      compareRecords(auditor);
      return "%d of %d writes acknowledged, %d changes, %d delivered again"
          .formatted(load.kept.size(), writes, log.size(), again(log.size()));
    }
  }

  private static void requireThere(FreshetClient auditor, Set<String> ids) {
    var asked = new LinkedHashMap<String, CompletableFuture<Document<Map<String, Object>>>>();
    ids.forEach(id -> asked.put(id, auditor.sync().get(ORDERS, id)));
    asked.forEach((id, answer) -> {
      Object n = await(answer).data().get("n");
      require(id.endsWith("-" + n), "%s holds %s", id, n);
    });
  }

  private int again(int changes) {
    return consumer.delivered.getAndSet(0) - changes;
  }

  private void requireProcessed(List<String> log) {
    Eventually.holds(() -> consumer.upTo().equals(log.getLast()), ROUND_MAX);
    require(
        consumer.applied.equals(log),
        "processed is not the log: %d of %d",
        consumer.applied.size(),
        log.size());
    consumer.applied.clear();
  }

  private void compareCounters(FreshetClient auditor, Load load) {
    for (int i = 0; i < COUNTERS; i++) {
      Object n = await(auditor.sync().get("counters", "c" + i)).data().get("n");
      long least = counted[i] + load.increments.get(i);
      long most = least + load.uncertain.get(i);
      long is = ((Number) n).longValue();
      require(is >= least && is <= most, "counter %d is at %d, not %d", i, is, least);
      counted[i] = is;
    }
  }

  private void compareRecords(FreshetClient auditor) {
    for (int i = 0; i < RECORDS; i++) {
      LiveRecord mine = records.get(i);
      LiveRecord theirs = watched.get(i);
      Object there = await(auditor.records().snapshot("state/" + i));
      require(there.equals(mine.get()), "record %d is %s here, %s there", i, mine.get(), there);
      Eventually.holds(() -> theirs.get().equals(there), ROUND_MAX);
      long version = await(auditor.records().head("state/" + i));
      require(mine.version() == version && theirs.version() == version, "version of %d", i);
    }
  }

  @Override
  public void close() throws Exception {
    try {
      consumer.client.close();
      watcher.close();
      writer.close();
      proxy.close();
    } finally {
      server.kill();
    }
  }
}
