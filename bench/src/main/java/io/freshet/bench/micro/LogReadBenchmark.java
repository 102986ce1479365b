// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.micro;

import io.freshet.backends.rocksdb.RocksStore;
import io.freshet.backends.rocksdb.RocksStoreOptions;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Operation;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.PathEdit;
import io.freshet.protocol.path.RecordPath;
import io.freshet.spi.CommitResult;
import io.freshet.spi.Durability;
import io.freshet.spi.StoreMeter;
import io.freshet.spi.Write;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// Reads a log of a million changes in pages of 256, as a stream that catches up does: merges of
/// two fields in a thousand documents of 140 bytes, each changed a thousand times. The time is that
/// of a page.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class LogReadBenchmark {
  private static final String COLLECTION = "bench";
  private static final int DOCUMENTS = 1_000;
  private static final int ROUNDS = 1_000;
  private static final int COMMIT = 250;
  private static final int PAGE = 256;

  private final Path directory = StoreDirectory.create("freshet-read");
  private final List<Document> documents = new ArrayList<>();
  private @Nullable RocksStore store;
  private long from = 1;

  @Setup
  public void fill() {
    RocksStoreOptions options =
        RocksStoreOptions.of(directory).withDurability(Durability.OS, List.of());
    store = RocksStore.open(options, InstantSource.system(), StoreMeter.NONE);
    for (int i = 0; i < DOCUMENTS; i++) {
      documents.add(Document.missing(new DocumentKey(COLLECTION, "document" + i)));
    }
    for (int round = 0; round < ROUNDS; round++) {
      for (int first = 0; first < DOCUMENTS; first += COMMIT) {
        commit(first, round);
      }
    }
  }

  private void commit(int first, int round) {
    var writes = new ArrayList<Write>(COMMIT);
    for (int i = first; i < first + COMMIT; i++) {
      writes.add(round == 0 ? creation(documents.get(i)) : merge(documents.get(i), round));
    }
    int i = first;
    for (CommitResult result : opened().commit(writes)) {
      if (!(result instanceof CommitResult.Committed(Change change))) {
        throw new IllegalStateException("not committed: " + result);
      }
      documents.set(i++, change.after());
    }
  }

  private static Write creation(Document missing) {
    JsonObject data =
        JsonObject.of("name", JsonString.of("n".repeat(40)))
            .with("status", JsonString.of("open"))
            .with("text", JsonString.of("t".repeat(50)))
            .with("count", JsonNumber.of(1));
    return new Write(Operation.CREATE, missing, live(missing, data), null, "ada");
  }

  private static Document live(Document before, JsonObject data) {
    return new Document(
        before.key(), Document.Life.LIVE, before.revision() + 1, data, before.createdAt(), 0);
  }

  private static Write merge(Document before, int round) {
    List<FieldOperation> edits =
        List.of(
            new FieldOperation.Set(RecordPath.parse("count"), JsonNumber.of(round)),
            new FieldOperation.Set(RecordPath.parse("status"), JsonString.of("state" + round % 7)));
    var data = (JsonObject) PathEdit.applyAll(before.data(), edits);
    return new Write(Operation.MERGE, before, live(before, data), edits, "ada");
  }

  private RocksStore opened() {
    return Objects.requireNonNull(store);
  }

  @Benchmark
  public List<Change> page() {
    LogId log = opened().logOf(COLLECTION);
    List<Change> page = opened().read(log, COLLECTION, from, PAGE);
    from = page.size() < PAGE ? 1 : page.getLast().position().offset() + 1;
    return page;
  }

  @TearDown
  public void delete() throws IOException {
    opened().close();
    StoreDirectory.delete(directory);
  }
}
