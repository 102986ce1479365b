// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.bench.micro.Documents;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Operation;
import io.freshet.protocol.Position;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.server.deepstream.wire.FrameReader;
import io.freshet.server.deepstream.wire.FrameWriter;
import io.freshet.server.deepstream.wire.NameCache;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What the door pays per message, without socket and engine: a patch of 100 bytes read, and the
/// change it became written for its watchers. Lives in this package because the frames of changes
/// are its own.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DoorCodecBenchmark {
  private static final int PAYLOAD_FROM = 4;

  private final FrameReader reader = new FrameReader();
  private final NameCache names = new NameCache();
  private final FrameWriter writer = new FrameWriter();
  private final ByteBuf patch = patchPayload();
  private final Change change = change();
  private int versions;

  /// Envelope and message; JSON stays text until it is asked for.
  @Benchmark
  public int decode() {
    reader.read(patch, (_, body) -> versions += RecordMessage.decode(body, names).version());
    return versions;
  }

  @Benchmark
  public int encode() {
    return ChangeFrames.of(change, writer).frame(true).length;
  }

  private ByteBuf patchPayload() {
    RecordMessage.of(RecordAction.PATCH)
        .name("bench/record")
        .path("field0")
        .data(Documents.text(1))
        .correlationId("1")
        .writeAck(true)
        .version(2)
        .writeTo(writer);
    // Behind the header of a frame of 126 bytes to 64 KiB.
    byte[] frame = writer.toArray();
    return Unpooled.wrappedBuffer(frame, PAYLOAD_FROM, frame.length - PAYLOAD_FROM);
  }

  private static Change change() {
    Document before = Documents.ofBytes("record", 1000);
    List<FieldOperation> patch = Documents.patch(1);
    Document after = Documents.after(before, patch);
    var position = new Position(new LogId("bench"), 1, 1);
    return new Change(EventId.NONE, position, Operation.MUTATE, before, after, patch, "ada");
  }
}
