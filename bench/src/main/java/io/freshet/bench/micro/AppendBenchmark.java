// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.micro;

import io.freshet.backends.rocksdb.RocksStore;
import io.freshet.backends.rocksdb.RocksStoreOptions;
import io.freshet.protocol.Captured;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.Operation;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.spi.CommitResult;
import io.freshet.spi.SourceLog;
import io.freshet.spi.StoreMeter;
import io.freshet.spi.Write;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
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

/// A source appends rows of 200 bytes that are all new, with its progress, durably. The time is
/// that of a batch, making the rows included.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 4)
public class AppendBenchmark {
  private static final JsonString TEXT = JsonString.of("t".repeat(65));
  private static final Captured NOTHING_ELSE = new Captured(null, false, false);

  @Param({"1000", "4000"})
  private int batch;

  private final Path directory = StoreDirectory.create("freshet-append");
  private @Nullable RocksStore store;
  private @Nullable SourceLog source;
  private long row;

  @Setup
  public void open() {
    store =
        RocksStore.open(RocksStoreOptions.of(directory), InstantSource.system(), StoreMeter.NONE);
    source = store.openSource("bench");
    source.route(Set.of("rows"));
  }

  @Benchmark
  public List<CommitResult> append() {
    var writes = new ArrayList<Write>(batch);
    for (int i = 0; i < batch; i++) {
      writes.add(insert(++row));
    }
    return Objects.requireNonNull(source).append(writes, "{\"row\":" + row + "}");
  }

  private static Write insert(long id) {
    var key = new DocumentKey("rows", Long.toString(id));
    JsonObject data =
        JsonObject.of("id", JsonNumber.of(id))
            .with("name", TEXT)
            .with("status", JsonString.of("open" + id % 13))
            .with("text", TEXT);
    var after = new Document(key, Document.Life.LIVE, 1, data, 0, 0);
    return new Write(
        Operation.CREATE, Document.missing(key), after, null, "", null, null, NOTHING_ELSE);
  }

  @TearDown
  public void delete() throws IOException {
    Objects.requireNonNull(store).close();
    StoreDirectory.delete(directory);
  }
}
