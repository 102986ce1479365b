// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import io.freshet.bench.load.JsonFrame.Member;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;

/// A collection that has changed `--changes` times, and one client on `/ws` that reads all of it
/// from the oldest change on by a named stream, again and again under new names, acknowledging
/// every so many events. Each document's revisions must come in order and once, and all of them, or
/// the run is void.
final class StreamReplay implements JsonLoop.Handler {
  private static final Member STATUS = new Member("status");
  private static final Member DOCUMENT = new Member("documentId");
  private static final Member REVISION = new Member("revision");
  private static final Member STREAM = new Member("streamId");
  private static final Member ID = new Member("id");

  private static final int WRITERS = 16;
  private static final int WRITER_WINDOW = 64;
  private static final int DOCUMENTS = 1024;
  private static final int PER_WRITER = DOCUMENTS / WRITERS;

  private final int changes;
  private final int acknowledgeEvery;
  private final int window;
  private final String collection = "log" + Long.toString(System.nanoTime(), 36);
  private final Payload payload;
  private final Meter meter;
  private final JsonLoop loop;
  private final int[] outstanding = new int[WRITERS];
  private final int[] sentBy = new int[WRITERS];
  private final int[] seen = new int[DOCUMENTS];
  private int opened;
  private int sent;
  private int written;
  private int replays;
  private int events;
  private double firstReplay = Double.NaN;
  private long replayBegan;
  private String streamId = "";

  StreamReplay(URI url, ServerProcess server, Arguments args) {
    changes = args.count("changes", 1_000_000);
    acknowledgeEvery = args.count("ack-every", 256);
    window = args.count("window", 16_384);
    payload = new Payload(args.count("patch-bytes", 40));
    meter = new Meter(Meter.Plan.of(args, 1_000_000), server);
    args.refuseUnknown();
    if (acknowledgeEvery < 1 || acknowledgeEvery > window || changes < DOCUMENTS) {
      throw new LoadException(
          "--ack-every goes from 1 to --window; --changes from " + DOCUMENTS + " on");
    }
    loop = new JsonLoop(url, this);
  }

  Report run() {
    try (loop) {
      loop.open(WRITERS);
      loop.await(() -> opened == WRITERS, Duration.ofMinutes(1), "connections");
      write();
      meter.restart();
      open();
      while (!meter.done()) {
        loop.pass(100);
        meter.tick();
      }
      loop.await(() -> replays > 0, Duration.ofMinutes(1), "one whole replay");
      return meter.report("events").put("first_replay_events_per_s", firstReplay);
    }
  }

  // The collection.

  private void write() {
    long deadline = System.nanoTime() + Duration.ofMinutes(10).toNanos();
    while (written < changes) {
      if (System.nanoTime() > deadline) {
        throw new LoadException("the changes were not written within 10 minutes");
      }
      for (int i = 0; i < WRITERS; i++) {
        while (outstanding[i] < WRITER_WINDOW && sent < changes) {
          write(i);
        }
      }
      loop.pass(100);
    }
  }

  /// Each writer has documents of its own; the first write of each creates it.
  private void write(int writer) {
    int document = writer * PER_WRITER + sentBy[writer]++ % PER_WRITER;
    outstanding[writer]++;
    sent++;
    loop.writer()
        .start("{\"type\":\"sync\",\"requestId\":\"w\",\"op\":\"replace\",\"service\":\"")
        .raw(collection)
        .raw("\",\"id\":\"")
        .decimal(document)
        .raw(sentBy[writer] <= PER_WRITER ? "\",\"expectedRevision\":0" : "\"")
        .raw(",\"data\":{\"v\":")
        .raw(payload.stamped(sent))
        .raw("}}");
    loop.send(loop.connections().get(writer));
  }

  // The stream.

  private void open() {
    Arrays.fill(seen, 0);
    events = 0;
    loop.writer()
        .start("{\"type\":\"stream\",\"ref\":\"r\",\"name\":\"")
        .raw(collection + "-" + replays)
        .raw("\",\"from\":\"earliest\",\"collection\":\"")
        .raw(collection)
        .raw("\",\"window\":")
        .decimal(window)
        .raw("}");
    loop.send(loop.connections().getFirst());
  }

  @Override
  public void opened(Connection connection) {
    opened++;
  }

  @Override
  public void frame(Connection connection, JsonFrame frame) {
    if (frame.isOf("change")) {
      change(connection, frame);
    } else if (frame.isOf("result") && frame.number(STATUS) < 300) {
      outstanding[connection.id()]--;
      written++;
    } else if (frame.isOf("streaming")) {
      streamId = frame.text(STREAM);
      replayBegan = loop.readAt();
    } else if (frame.isOf("stopped")) {
      open();
    } else if (!frame.isOf("streamState")) {
      throw frame.unexpected();
    }
  }

  private void change(Connection connection, JsonFrame frame) {
    int document = (int) frame.number(DOCUMENT);
    long revision = frame.number(REVISION);
    if (revision != seen[document] + 1) {
      throw new LoadException(
          "after revision " + seen[document] + ": " + frame.unexpected().getMessage());
    }
    seen[document]++;
    events++;
    meter.count();
    if (events % acknowledgeEvery == 0 || events == changes) {
      acknowledge(connection, frame.text(ID));
    }
    if (events == changes) {
      ended(connection);
    }
  }

  private void acknowledge(Connection connection, String id) {
    loop.writer().start("{\"type\":\"ack\",\"streamId\":\"").raw(streamId);
    loop.writer().raw("\",\"id\":\"").raw(id).raw("\"}");
    loop.send(connection);
  }

  private void ended(Connection connection) {
    if (replays++ == 0) {
      firstReplay = changes / ((loop.readAt() - replayBegan) / 1e9);
    }
    loop.writer().start("{\"type\":\"stop\",\"streamId\":\"").raw(streamId).raw("\"}");
    loop.send(connection);
  }
}
