// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import io.freshet.bench.load.JsonFrame.Member;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/// How long a change takes to a consumer of a named stream on `/ws` while there is little to do:
/// one client merges into a document `--rate` times a second, another reads the stream and
/// acknowledges each event.
///
/// The moment of the commit is not seen from outside. It lies between the sending of the write and
/// its result, both of which are measured: from the sending, which includes the disk, is an upper
/// bound.
final class StreamLatency implements JsonLoop.Handler {
  private static final Member STATUS = new Member("status");
  private static final Member REVISION = new Member("revision");
  private static final Member STREAM = new Member("streamId");
  private static final Member ID = new Member("id");

  private static final int PUBLISHER = 0;
  private static final int RING = 4096;
  private static final int WARMUP_WINDOW = 16;

  private final Schedule schedule;
  private final String collection = "slow" + Long.toString(System.nanoTime(), 36);
  private final Payload payload;
  private final Meter meter;
  private final JsonLoop loop;
  private final long[] sentAt = new long[RING];
  private final long[] resultAt = new long[RING];
  private final long[] eventAt = new long[RING];
  private final Histogram afterResult = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
  private final Histogram results = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
  private String streamId = "";
  private boolean created;
  private int sent = 1;
  private int arrived = 1;
  private int acknowledged = 1;

  StreamLatency(URI url, ServerProcess server, Arguments args) {
    schedule = new Schedule(args.count("rate", 100));
    payload = new Payload(args.count("patch-bytes", 100));
    meter = new Meter(Meter.Plan.of(args, 50_000), server);
    args.refuseUnknown();
    if (!schedule.isKept()) {
      throw new LoadException("--rate starts at 1");
    }
    loop = new JsonLoop(url, this);
  }

  Report run() {
    try (loop) {
      loop.open(1);
      loop.await(() -> created, Duration.ofMinutes(1), "the document");
      loop.open(1);
      loop.await(() -> !streamId.isEmpty(), Duration.ofMinutes(1), "the stream");
      while (!meter.warm()) {
        while (sent - Math.min(arrived, acknowledged) < WARMUP_WINDOW) {
          send(System.nanoTime());
        }
        loop.pass(100);
      }
      loop.await(this::isIdle, Duration.ofMinutes(1), "the warm-up's events");
      schedule.run(loop, meter, this::send);
      loop.await(this::isIdle, Duration.ofMinutes(1), "the last events");
      return meter
          .report("events")
          .put("result_p50_us", results.getValueAtPercentile(50) / 1e3)
          .put("after_result_p50_us", afterResult.getValueAtPercentile(50) / 1e3)
          .put("after_result_p99_us", afterResult.getValueAtPercentile(99) / 1e3);
    }
  }

  private boolean isIdle() {
    return arrived == sent && acknowledged == sent;
  }

  private void send(long at) {
    sent++;
    int slot = sent & (RING - 1);
    if (sent - Math.min(arrived, acknowledged) >= RING) {
      throw new LoadException(RING + " updates behind; the server does not keep up");
    }
    sentAt[slot] = at;
    resultAt[slot] = 0;
    eventAt[slot] = 0;
    loop.writer()
        .start("{\"type\":\"sync\",\"requestId\":\"w\",\"op\":\"merge\",\"service\":\"")
        .raw(collection)
        .raw("\",\"id\":\"d\",\"data\":{\"v\":")
        .raw(payload.stamped(sent))
        .raw("}}");
    loop.send(loop.connections().get(PUBLISHER));
  }

  @Override
  public void opened(Connection connection) {
    if (connection.id() == PUBLISHER) {
      loop.writer()
          .start("{\"type\":\"sync\",\"requestId\":\"c\",\"op\":\"create\",\"service\":\"")
          .raw(collection)
          .raw("\",\"id\":\"d\",\"data\":{}}");
    } else {
      loop.writer()
          .start("{\"type\":\"stream\",\"ref\":\"r\",\"name\":\"")
          .raw(collection)
          .raw("\",\"collection\":\"")
          .raw(collection)
          .raw("\"}");
    }
    loop.send(connection);
  }

  @Override
  public void frame(Connection connection, JsonFrame frame) {
    if (frame.isOf("change")) {
      event(connection, frame);
    } else if (frame.isOf("result") && !created) {
      created = frame.number(STATUS) == 201;
    } else if (frame.isOf("result") && frame.number(REVISION) == acknowledged + 1) {
      acknowledged++;
      resultAt[acknowledged & (RING - 1)] = loop.readAt();
      both(acknowledged);
    } else if (frame.isOf("streaming")) {
      streamId = frame.text(STREAM);
    } else if (!frame.isOf("streamState")) {
      throw frame.unexpected();
    }
  }

  private void event(Connection connection, JsonFrame frame) {
    if (frame.number(REVISION) != arrived + 1) {
      throw new LoadException("after " + arrived + ": " + frame.unexpected().getMessage());
    }
    arrived++;
    eventAt[arrived & (RING - 1)] = loop.readAt();
    meter.count();
    meter.latency(loop.readAt() - sentAt[arrived & (RING - 1)]);
    loop.writer().start("{\"type\":\"ack\",\"streamId\":\"").raw(streamId);
    loop.writer().raw("\",\"id\":\"").raw(frame.text(ID)).raw("\"}");
    loop.send(connection);
    both(arrived);
  }

  /// Once both the event and the result are here.
  private void both(int revision) {
    int slot = revision & (RING - 1);
    if (meter.isMeasuring() && resultAt[slot] != 0 && eventAt[slot] != 0) {
      results.recordValue(resultAt[slot] - sentAt[slot]);
      afterResult.recordValue(Math.max(0, eventAt[slot] - resultAt[slot]));
    }
  }
}
