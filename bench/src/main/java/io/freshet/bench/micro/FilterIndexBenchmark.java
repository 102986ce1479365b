// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.micro;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Operation;
import io.freshet.protocol.Position;
import io.freshet.protocol.filter.Filter;
import io.freshet.protocol.filter.FilterIndex;
import io.freshet.protocol.filter.PrismaFilter;
import io.freshet.protocol.filter.Row;
import io.freshet.protocol.filter.StreamFilter;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
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
import org.openjdk.jmh.infra.Blackhole;

/// Whom a change of a document of 1 KB concerns, among filters of which exactly one lets it
/// through.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FilterIndexBenchmark {
  private static final int DOCUMENT_BYTES = 1_000;

  /// Enough that the filters found lie all over the memory.
  private static final int CHANGES = 1 << 14;

  private static final String STREAM =
      "{\"create\":{\"type\":\"order\",\"user\":\"u-1\"},\"update\":{\"after\":"
          + "{\"type\":\"order\",\"OR\":[{\"total\":{\"gte\":100}},"
          + "{\"note\":{\"contains\":\"!\"}}]}}}";

  @Param({"10", "1000", "10000"})
  private int filters;

  private final FilterIndex<Integer> byUser = new FilterIndex<>();
  private final FilterIndex<Integer> byTypeAndUser = new FilterIndex<>();
  private final FilterIndex<Integer> streams = new FilterIndex<>();
  private final Change[] changes = new Change[CHANGES];
  private final JsonObject stream = (JsonObject) Json.parse(STREAM);
  private int next;

  @Setup
  public void prepare() {
    for (int i = 0; i < filters; i++) {
      JsonObject user = JsonObject.of("user", user(i));
      byUser.add(PrismaFilter.where(user, null), i);
      JsonObject order = user.with("type", JsonString.of("order"));
      Filter typed = PrismaFilter.where(order.with("total", atLeast(0)), null);
      byTypeAndUser.add(typed, i);
      streams.add(PrismaFilter.read(JsonObject.of("create", order), null).filter(), i);
    }
    for (int i = 0; i < CHANGES; i++) {
      changes[i] = change(i % filters);
    }
  }

  private static JsonString user(int number) {
    return JsonString.of("user-" + number);
  }

  private static JsonObject atLeast(int number) {
    return JsonObject.of("gte", JsonNumber.of(number));
  }

  private static Change change(int user) {
    JsonObject before = (JsonObject) Documents.ofBytes("d", DOCUMENT_BYTES).data();
    JsonObject after =
        before
            .with("type", JsonString.of("order"))
            .with("user", user(user))
            .with("total", JsonNumber.of(user));
    var key = new DocumentKey("bench", "d");
    return new Change(
        EventId.NONE,
        new Position(new LogId("bench"), 1, 1),
        Operation.CREATE,
        Document.missing(key),
        new Document(key, Document.Life.LIVE, 1, after, 1, 1),
        null,
        "ada");
  }

  private Change change() {
    next = (next + 1) & (CHANGES - 1);
    return changes[next];
  }

  /// `user = x`.
  @Benchmark
  public void equality(Blackhole sink) {
    byUser.match(Row.of(change()), sink::consume);
  }

  /// `type = "order" AND user = x AND total >= 0`, where all share the type.
  @Benchmark
  public void equalityAndMore(Blackhole sink) {
    byTypeAndUser.match(Row.of(change()), sink::consume);
  }

  /// `create: { type: "order", user: x }`.
  @Benchmark
  public void streams(Blackhole sink) {
    streams.match(Row.of(change()), sink::consume);
  }

  /// As `equality`, for both states.
  @Benchmark
  public void transitions(Blackhole sink) {
    byUser.transitions(
        change(),
        (transition, target) -> {
          sink.consume(transition);
          sink.consume(target);
        });
  }

  /// Reading and compiling the arguments of a stream: four conditions, two actions.
  @Benchmark
  public StreamFilter read() {
    return PrismaFilter.read(stream, null);
  }

  /// As `read`, with the filter that subscribers share.
  @Benchmark
  public Filter compile() {
    return PrismaFilter.read(stream, null).filter();
  }
}
