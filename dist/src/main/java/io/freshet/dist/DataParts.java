// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.backends.rocksdb.RocksStore;
import io.freshet.backends.rocksdb.RocksStoreOptions;
import io.freshet.engine.Engine;
import io.freshet.engine.EngineOptions;
import io.freshet.engine.command.Command;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.ingest.Sources;
import io.freshet.engine.listen.ListenOptions;
import io.freshet.engine.messaging.LocalBus;
import io.freshet.engine.messaging.Messaging;
import io.freshet.engine.messaging.RpcOptions;
import io.freshet.engine.stream.StreamOptions;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.server.config.FreshetConfig;
import io.freshet.server.metrics.Metrics;
import io.freshet.server.metrics.Tally;
import io.freshet.server.runtime.EngineThread;
import io.freshet.server.runtime.EngineTimers;
import io.freshet.server.session.Commands;
import io.freshet.spi.Bus;
import io.freshet.spi.Health;
import io.freshet.spi.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Everything behind the doors: the store, the engine and the threads they run on.
final class DataParts implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DataParts.class);
  private static final Duration COMMIT_PATIENCE = Duration.ofSeconds(2);
  private static final Duration READ_PATIENCE = Duration.ofSeconds(2);

  private final Store store;
  private final Bus bus = new LocalBus(UUID.randomUUID().toString());
  private final Sources sources;
  private final Engine engine;
  private final EngineThread thread = new EngineThread(DataParts::engineDied);
  private final Tally inboxRefusals;
  private final EngineTimers timers = new EngineTimers();
  private final ExecutorService committer =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().name("freshet-commit").daemon().unstarted(task));

  /// Few, because reading takes processor time more than patience; what waits for them is bounded
  /// by the engine.
  private final ExecutorService reader =
      Executors.newFixedThreadPool(
          Math.max(2, Runtime.getRuntime().availableProcessors() / 2),
          Thread.ofPlatform().name("freshet-read-", 0).daemon().factory());

  static DataParts start(FreshetConfig config, Guard guard, Metrics metrics) {
    return new DataParts(config, guard, metrics);
  }

  private DataParts(FreshetConfig config, Guard guard, Metrics metrics) {
    InstantSource clock = InstantSource.system();
    this.store = RocksStore.open(storeOptions(config), clock, metrics.commits());
    this.sources = new Sources(store, SourceParts.of(config, clock));
    this.engine =
        new Engine(
            new Engine.Surroundings(
                store,
                bus,
                guard,
                clock,
                System::nanoTime,
                committer,
                reader,
                timers,
                new Random(),
                thread::wake,
                new EngineMeters(metrics),
                sources),
            engineOptions(config));
    this.inboxRefusals = metrics.queue("engine-inbox", engine::inboxSize);
    metrics.gauge("freshet.documents.held", "Documents in memory", engine::documentsHeld);
    show(engine.messaging(), metrics);
    SourceMeters.show(sources, metrics);
    thread.start(engine);
    sources.start();
  }

  private static void show(Messaging messaging, Metrics metrics) {
    metrics.counter(
        "freshet.events.dropped",
        "Events of other nodes dropped because the engine was behind",
        messaging::eventsDropped);
    held(messaging, metrics, "event_names", Messaging.Held::eventNames);
    held(messaging, metrics, "procedures", Messaging.Held::procedures);
    held(messaging, metrics, "calls", Messaging.Held::calls);
    held(messaging, metrics, "offers", Messaging.Held::offers);
    held(messaging, metrics, "users", Messaging.Held::users);
    held(messaging, metrics, "held_back", Messaging.Held::heldBack);
  }

  private static void held(
      Messaging messaging, Metrics metrics, String what, ToIntFunction<Messaging.Held> number) {
    metrics.gauge(
        "freshet.messaging.held",
        "What is held for events, calls and presence",
        () -> number.applyAsInt(messaging.held()),
        "what",
        what);
  }

  /// A server that accepts connections and answers none is worse than none. What was acknowledged
  /// is on disk; whoever supervises the process starts it again.
  private static void engineDied() {
    Runtime.getRuntime().halt(ExitCode.FAILURE.number());
  }

  private static RocksStoreOptions storeOptions(FreshetConfig config) {
    var rules = new ArrayList<RocksStoreOptions.Rule>();
    config
        .collections()
        .forEach((pattern, settings) ->
            rules.add(new RocksStoreOptions.Rule(pattern, settings.durability())));
    FreshetConfig.Retention retention = config.retention();
    return RocksStoreOptions.of(Path.of(config.data()))
        .withDurability(config.allCollections().durability(), rules)
        .withRetention(
            new RocksStoreOptions.Retention(
                retention.age(),
                retention.bytes(),
                RocksStoreOptions.Retention.DEFAULT.bytesTotal(),
                retention.tombstones()))
        .withMemory(storeMemory());
  }

  private static RocksStoreOptions.Memory storeMemory() {
    RocksStoreOptions.Memory usual = RocksStoreOptions.Memory.DEFAULT;
    return new RocksStoreOptions.Memory(
        usual.writeBuffer(),
        usual.cache(),
        Math.min(usual.unmaterialised(), Runtime.getRuntime().maxMemory() / 32),
        usual.replay());
  }

  private static EngineOptions engineOptions(FreshetConfig config) {
    FreshetConfig.Deepstream deepstream = config.deepstream();
    FreshetConfig.Rpc rpc = deepstream.rpc();
    FreshetConfig.Streams streams = config.streams();
    EngineOptions defaults = EngineOptions.DEFAULT;
    return new EngineOptions(
            documentLimits(config),
            new ListenOptions(
                deepstream.listenResponseTimeout(),
                deepstream.listenRematchInterval(),
                deepstream.listenShuffleProviders(),
                defaults.listen().patternsMax()),
            new RpcOptions(
                rpc.acceptTimeout(),
                rpc.responseTimeout(),
                rpc.provideRequestorName(),
                rpc.provideRequestorData(),
                defaults.rpc().callsMax()),
            defaults.inboxMax(),
            defaults.batchWritesMax(),
            defaults.batchBytesMax(),
            cacheBytesMax())
        .withStreams(
            new StreamOptions(
                streams.enabled(), streams.perCollectionMax(), StreamOptions.DEFAULT.signWithin()));
  }

  /// What is counted may be half of what it takes.
  private static long cacheBytesMax() {
    return Math.min(EngineOptions.DEFAULT.cacheBytesMax(), Runtime.getRuntime().maxMemory() / 8);
  }

  static JsonLimits documentLimits(FreshetConfig config) {
    FreshetConfig.Limits limits = config.limits();
    return new JsonLimits(limits.documentBytesMax(), limits.depthMax(), limits.membersMax());
  }

  /// The databases whose tables are collections here.
  Sources sources() {
    return sources;
  }

  /// The engine's way in.
  Commands commands() {
    return new Commands() {
      @Override
      public boolean submit(Command command) {
        boolean taken = engine.submit(command);
        if (!taken) {
          inboxRefusals.increment();
        }
        return taken;
      }

      @Override
      public void wake() {
        engine.wake();
      }
    };
  }

  /// Lets the engine follow new permission rules.
  CompletionStage<Integer> renewRules(Runnable replace) {
    return engine.renewRules(replace);
  }

  /// Whether the store takes writes.
  Health health() {
    return store.check();
  }

  /// Commits what has been taken and closes the store. Nothing may be submitted any more.
  @Override
  public void close() {
    sources.close();
    try {
      if (!thread.stop(COMMIT_PATIENCE)) {
        log.warn("not everything could be committed within {}", COMMIT_PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    timers.close();
    bus.close();
    engine.close();
    committer.shutdown();
    reader.shutdownNow();
    try {
      if (!reader.awaitTermination(READ_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        log.warn("reads of the store did not end within {}", READ_PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    store.close();
  }
}
