// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.micro;

import io.freshet.backends.rocksdb.RocksStore;
import io.freshet.backends.rocksdb.RocksStoreOptions;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.Operation;
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
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// One commit of a batch of patches of 100 bytes, each to a document of its own, in a directory
/// under `java.io.tmpdir`: that disk is what `FSYNC` measures. The time is that of the whole batch.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CommitBenchmark {
  private static final int DOCUMENT_BYTES = 1000;

  @Param({"1", "16", "256"})
  private int batch;

  @Param({"MEMORY", "OS", "FSYNC"})
  private Durability durability = Durability.FSYNC;

  private final Path directory = StoreDirectory.create("freshet-commit");
  private final List<Document> documents = new ArrayList<>();
  private @Nullable RocksStore store;
  private long number;

  @Setup
  public void prepare() {
    RocksStoreOptions options =
        RocksStoreOptions.of(directory).withDurability(durability, List.of());
    store = RocksStore.open(options, InstantSource.system(), StoreMeter.NONE);
    var creations = new ArrayList<Write>();
    for (int i = 0; i < batch; i++) {
      Document first = Documents.ofBytes("document" + i, DOCUMENT_BYTES);
      creations.add(new Write(Operation.CREATE, Document.missing(first.key()), first, null, "ada"));
    }
    committed(opened().commit(creations));
  }

  private RocksStore opened() {
    return Objects.requireNonNull(store);
  }

  @Benchmark
  public List<Document> commit() {
    var writes = new ArrayList<Write>(batch);
    for (Document before : documents) {
      writes.add(Documents.write(before, Documents.patch(++number)));
    }
    committed(opened().commit(writes));
    return documents;
  }

  private void committed(List<CommitResult> results) {
    documents.clear();
    for (CommitResult result : results) {
      if (!(result instanceof CommitResult.Committed(Change change))) {
        throw new IllegalStateException("not committed: " + result);
      }
      documents.add(change.after());
    }
  }

  @TearDown
  public void delete() throws IOException {
    opened().close();
    StoreDirectory.delete(directory);
  }
}
