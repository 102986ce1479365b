// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.micro;

import io.freshet.protocol.diff.Diff;
import io.freshet.protocol.diff.DiffEncoder;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.mutation.Edited;
import io.freshet.protocol.mutation.MergePatch;
import io.freshet.protocol.mutation.Mutations;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Warmup;

/// One field of a document counted up, merged, and told apart, on documents of several sizes: what
/// one write of the documents face costs besides the commit. What is read is part of it; what a
/// socket delivers has been parsed before.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ValuesBenchmark {
  private static final JsonLimits LIMITS = new JsonLimits(2 << 20, 64, 100_000);

  private final JsonValue mutations = Json.parse("{\"user.visits\":{\"$inc\":1}}");
  private final JsonValue partial = Json.parse("{\"user\":{\"visits\":2}}");

  @Param({"1000", "1000000"})
  private int documentBytes;

  private JsonObject before = JsonObject.empty();
  private JsonObject after = JsonObject.empty();
  private JsonValue reread = before;

  @Setup
  public void prepare() {
    JsonObject user = JsonObject.of("name", Documents.text(1)).with("visits", JsonNumber.of(1));
    before = ((JsonObject) Documents.ofBytes("values", documentBytes).data()).with("user", user);
    after = (JsonObject) mutate().after();
    reread = Json.parse(Json.encode(after), LIMITS);
  }

  @Benchmark
  public Edited mutate() {
    return Mutations.apply(before, Mutations.read(mutations, Mutations.OPERATIONS_MAX), 0, LIMITS);
  }

  @Benchmark
  public Edited merge() {
    return MergePatch.apply(before, partial, MergePatch.Nulls.DELETE, LIMITS);
  }

  @Benchmark
  public Diff diff() {
    return Diff.between(before, after, Diff.BUDGET_NODES);
  }

  /// Of a document that came as a whole, so that nothing is shared.
  @Benchmark
  public Diff diffOfReplaced() {
    return Diff.between(before, reread, Diff.BUDGET_NODES);
  }

  @Benchmark
  public byte[] diffToBytes() {
    return DiffEncoder.SHORT.encode(diff());
  }
}
