// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.micro;

import io.freshet.engine.guard.Face;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.GuardRequest;
import io.freshet.engine.guard.Principal;
import io.freshet.engine.guard.Subject;
import io.freshet.protocol.Document;
import io.freshet.protocol.json.JsonObject;
import io.freshet.server.permissions.Permissions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
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

/// What the guard takes for a write: without rules, with a rule that is the same for everybody, and
/// with expressions.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PermissionBenchmark {
  @Param({"none", "true", "user.id === 'ada'", "data.owner === user.id || data.n !== oldData.n"})
  private String rule = "none";

  private final Principal principal = new Principal("ada", JsonObject.empty(), null);
  private final Document document = Documents.ofBytes("judged", 1000);
  private final Subject subject = new Subject.OfDocument(document, document);
  private Guard guard = Guard.OPEN;

  @Setup
  public void prepare() throws IOException {
    if (!rule.equals("none")) {
      Path file = Files.createTempFile("freshet-bench-", ".yml");
      Files.writeString(
          file,
          """
          record: { "*": { write: "%s" } }
          event: { "*": { publish: true } }
          rpc: { "*": { request: true } }
          presence: { "*": { allow: true } }
          """
              .formatted(rule));
      guard = new Permissions(file, InstantSource.system());
      Files.delete(file);
    }
  }

  @Benchmark
  public GuardAnswer write() {
    return guard.check(
        new GuardRequest(principal, Face.RECORDS, GuardAction.WRITE, subject, 1, Map.of()));
  }
}
