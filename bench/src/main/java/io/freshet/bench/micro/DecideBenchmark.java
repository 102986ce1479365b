// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.micro;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.Condition;
import io.freshet.engine.decide.Circumstances;
import io.freshet.engine.decide.Decider;
import io.freshet.engine.decide.Decision;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.protocol.Document;
import io.freshet.protocol.json.JsonLimits;
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

/// A patch of 100 bytes decided on documents of several sizes.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DecideBenchmark {
  /// Nobody is answered here.
  private static final ReplyTo NOBODY =
      new ReplyTo() {
        @Override
        public Session session() {
          throw new UnsupportedOperationException("a decision asks for no session");
        }

        @Override
        public void reply(Outcome outcome) {
          throw new UnsupportedOperationException("a decision answers nobody");
        }
      };

  @Param({"100", "1000", "1000000"})
  private int documentBytes;

  private final Decider decider = new Decider(new JsonLimits(2 << 20, 64, 100_000));
  private Document before = Documents.ofBytes("none", 0);
  private Command.Edit edit = edit(before);

  @Setup
  public void prepare() {
    before = Documents.ofBytes("decided", documentBytes);
    edit = edit(before);
  }

  private static Command.Edit edit(Document document) {
    return new Command.Edit(
        NOBODY, document.key(), Documents.patch(1), new Condition.Follows(2), false);
  }

  @Benchmark
  public Decision patch() {
    return decider.decide(
        edit, before, new Circumstances((_, _) -> GuardAnswer.Allow.ALLOW, "ada", 0));
  }
}
