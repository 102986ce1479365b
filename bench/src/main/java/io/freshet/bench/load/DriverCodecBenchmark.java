// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What the load driver itself pays per message, without the socket: proof that it is not the
/// bottleneck of what it measures. Lives here because the codec is package-private.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DriverCodecBenchmark {
  private static final int FRAMES_PER_READ = 16;

  private final MessageWriter writer = new MessageWriter();
  private final Message message = new Message();
  private final OutBuffer out = new OutBuffer();
  private final Payload payload = new Payload(100);
  private final byte[] read = delivered();
  private int versions;

  /// One delivery out of a read that holds sixteen.
  @Benchmark
  @OperationsPerInvocation(FRAMES_PER_READ)
  public int delivery() {
    FrameReader.read(
        read,
        0,
        read.length,
        (_, bytes, from, to) -> {
          message.decode(bytes, from, to);
          versions += message.version();
        });
    return versions;
  }

  /// One acknowledged patch with its masked frame.
  @Benchmark
  public int patch() {
    int before = out.reserve(0);
    patch(++versions & 0xffff);
    writer.appendTo(out, Wire.TOPIC_RECORD);
    int size = out.reserve(0) - before;
    out.wrote(before);
    return size;
  }

  private MessageWriter patch(int version) {
    return writer
        .start(Wire.PATCH)
        .text(Wire.DATA, payload.stamped(version))
        .decimal(Wire.CORRELATION_ID, version)
        .text(Wire.NAME, "bench/record")
        .number(Wire.IS_WRITE_ACK, 1)
        .text(Wire.PATH, "v")
        .number(Wire.VERSION, version);
  }

  private byte[] delivered() {
    var frames = new OutBuffer();
    for (int i = 0; i < FRAMES_PER_READ; i++) {
      patch(1000 + i).appendUnmaskedTo(frames, Wire.TOPIC_RECORD);
    }
    return Arrays.copyOf(frames.bytes(), frames.reserve(0));
  }
}
