// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.LogId;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.CommitResult;
import io.freshet.spi.Durability;
import io.freshet.spi.RequestKey;
import io.freshet.spi.Store;
import io.freshet.spi.StoreMeter;
import io.freshet.spi.Write;
import io.freshet.testkit.RandomJson;
import io.freshet.testkit.Writes;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;

/// A process that commits as fast as it can and tells each acknowledgement on its standard output,
/// to be killed from outside. A cursor follows the acknowledgements of the synced log. Small
/// buffers make it flush, write documents and drop changes all the time, so that the kill finds it
/// in the middle of any of them.
///
/// Usage: `CrashChild DIRECTORY SEED [COMMITS]`
final class CrashChild {
  static final List<String> COLLECTIONS = List.of("jobs", "driver", "cars", "big");
  static final int DOCUMENTS = 10;
  static final String CURSOR = "acknowledged";
  private static final int BIG_BYTES = 20_000;

  private CrashChild() {}

  static RocksStoreOptions options(Path directory) {
    var rules =
        List.of(
            new RocksStoreOptions.Rule("cars", Durability.MEMORY),
            new RocksStoreOptions.Rule("driver", Durability.OS));
    return RocksStoreOptions.of(directory)
        .withDurability(Durability.FSYNC, rules)
        .withMemory(new RocksStoreOptions.Memory(1 << 20, 1 << 20, 200_000, 1 << 20));
  }

  static List<DocumentKey> keys() {
    var keys = new ArrayList<DocumentKey>();
    for (String collection : COLLECTIONS) {
      for (int i = 0; i < DOCUMENTS; i++) {
        keys.add(new DocumentKey(collection, "d" + i));
      }
    }
    return keys;
  }

  public static void main(String[] args) {
    var out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
    var random = new SplittableRandom(Long.parseLong(args[1]));
    long commits = args.length > 2 ? Long.parseLong(args[2]) : Long.MAX_VALUE;
    RocksStore store =
        RocksStore.open(options(Path.of(args[0])), InstantSource.system(), StoreMeter.NONE);
    long token = store.cursors().lease(CURSOR, "jobs").token();
    say(out, "OPEN");
    for (long i = 0; i < commits; i++) {
      try {
        List<Change> committed = commit(store, random);
        say(out, acknowledgements(committed));
        advance(store, token, committed);
      } catch (FreshetException e) {
        say(out, "REFUSED " + e.code());
        return;
      }
    }
    store.close();
    say(out, "CLOSED");
  }

  private static void say(PrintStream out, String line) {
    out.print(line + "\n");
    out.flush();
  }

  private static String acknowledgements(List<Change> committed) {
    return committed.stream()
        .map(CrashChild::acknowledgement)
        .collect(Collectors.joining(";", "ACK ", ""));
  }

  private static void advance(RocksStore store, long token, List<Change> committed) {
    for (Change change : committed) {
      if (change.position().log().equals(store.logOf("jobs"))
          && !store.cursors().advance(CURSOR, token, change.id())) {
        throw new IllegalStateException("the lease is lost");
      }
    }
  }

  /// One commit of up to eight writes.
  private static List<Change> commit(RocksStore store, SplittableRandom random) {
    List<DocumentKey> keys = keys();
    var writes = new ArrayList<Write>();
    for (int i = random.nextInt(1, 9); i > 0; i--) {
      DocumentKey key = keys.get(random.nextInt(keys.size()));
      if (writes.stream().noneMatch(write -> write.key().equals(key))) {
        Document current = store.load(List.of(key)).toCompletableFuture().join().getFirst();
        writes.add(next(current, random));
      }
    }
    return store.commit(random.nextBoolean() ? writes : tied(store, writes, random)).stream()
        .map(result -> ((CommitResult.Committed) result).change())
        .toList();
  }

  /// What goes to the same log as one batch with an idempotency key, named so that it can be told
  /// whether it is complete.
  private static List<Write> tied(RocksStore store, List<Write> writes, SplittableRandom random) {
    String name = Long.toString(random.nextLong(), 36);
    Map<LogId, Long> sizes =
        writes.stream().collect(Collectors.groupingBy(logOf(store), Collectors.counting()));
    return writes.stream()
        .map(write -> {
          LogId log = logOf(store).apply(write);
          String batch = name + "/" + log + "/" + sizes.get(log);
          return Writes.requested(request(batch), Writes.inBatch(batch, write));
        })
        .toList();
  }

  private static Function<Write, LogId> logOf(RocksStore store) {
    return write -> store.logOf(write.key().collection());
  }

  static RequestKey request(String batch) {
    return new RequestKey("child", "batch", batch);
  }

  /// Fails unless every batch among the changes of a log is complete, and is the outcome of its
  /// request.
  static void assertBatchesAreWhole(Store store, List<Change> held) {
    Map<String, List<Change>> batches =
        held.stream()
            .filter(change -> change.batch() != null)
            .collect(Collectors.groupingBy(Change::batch));
    batches.forEach((batch, changes) -> {
      int size = Integer.parseInt(batch.substring(batch.lastIndexOf('/') + 1));
      assertEquals(size, changes.size(), "of batch " + batch);
      assertEquals(changes, store.outcome(request(batch)).toCompletableFuture().join());
    });
  }

  /// Every live document holds its own revision.
  private static Write next(Document current, SplittableRandom random) {
    JsonNumber revision = JsonNumber.of(current.revision() + 1);
    if (current.isLive()) {
      return random.nextInt(20) == 0 ? Writes.delete(current) : Writes.set(current, "r", revision);
    }
    JsonObject ballast =
        current.key().collection().equals("big")
            ? new RandomJson(random).large(BIG_BYTES)
            : JsonObject.empty();
    return Writes.create(current, ballast.with("r", revision));
  }

  /// Log, offset, revision and event id of a change.
  static String acknowledgement(Change change) {
    return change.position().log()
        + " "
        + change.position().offset()
        + " "
        + change.revision()
        + " "
        + change.id().text();
  }
}
