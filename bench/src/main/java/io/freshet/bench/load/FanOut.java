// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.net.URI;
import java.time.Duration;

/// One publisher patches one record, or emits one event, that N clients are subscribed to.
///
/// An update is *outstanding* until all N deliveries, and for a record its write acknowledgement,
/// have arrived here; the publisher keeps `window` updates outstanding. Window 1 is therefore one
/// update at a time. With a `rate`, the warm-up runs at that window, and then updates leave on a
/// fixed schedule however many are outstanding; latency counts from the scheduled instant. Every
/// subscriber must see every version of the record, or number in the event's data, in order and
/// once, or the run is void.
final class FanOut implements Loop.Handler {
  /// What is published.
  enum Kind {
    RECORD,
    EVENT
  }

  private static final int PUBLISHER = 0;
  private static final int RING = 4096;

  private final Kind kind;
  private final int subscribers;
  private final int window;
  private final Schedule schedule;
  private final String name = "bench/fan-" + Long.toString(System.currentTimeMillis(), 36);
  private final Payload payload;
  private final Meter meter;
  private final Loop loop;
  private final int[] seen;
  private final int[] missing = new int[RING];
  private final long[] sentAt = new long[RING];
  private int ready;
  private int version = -1;
  private int outstanding;

  FanOut(Kind kind, URI url, ServerProcess server, Arguments args) {
    this.kind = kind;
    subscribers = args.count("subscribers", 1000);
    window = args.count("window", 16);
    schedule = new Schedule(args.count("rate", 0));
    payload = new Payload(args.count("patch-bytes", 100));
    meter = new Meter(Meter.Plan.of(args, 1_000_000), server);
    args.refuseUnknown();
    if (window < 1 || window > RING / 2) {
      throw new LoadException("--window goes from 1 to " + RING / 2);
    }
    seen = new int[subscribers + 1];
    loop = new Loop(url, this);
  }

  Report run() {
    try (loop) {
      loop.open(subscribers + 1);
      loop.await(() -> ready == subscribers + 1, Duration.ofMinutes(2), "subscriptions");
      version = seen[PUBLISHER + 1];
      while (!meter.done() && !(schedule.isKept() && meter.warm())) {
        fillWindow();
        loop.pass(100);
        meter.tick();
      }
      if (schedule.isKept()) {
        loop.await(() -> outstanding == 0, Duration.ofMinutes(1), "the warm-up's deliveries");
        schedule.run(loop, meter, this::send);
      }
      long reads = loop.reads();
      long bytes = loop.bytesRead();
      loop.await(() -> outstanding == 0, Duration.ofMinutes(1), "the last deliveries");
      return meter.report("deliveries").put("bytes_per_read", (double) bytes / reads);
    }
  }

  private void fillWindow() {
    while (outstanding < window) {
      send(System.nanoTime());
    }
  }

  private void send(long at) {
    version++;
    int slot = version & (RING - 1);
    if (missing[slot] != 0) {
      throw new LoadException(RING + " updates behind; the server does not keep up");
    }
    missing[slot] = kind == Kind.RECORD ? subscribers + 1 : subscribers;
    sentAt[slot] = at;
    outstanding++;
    Connection publisher = loop.connections().get(PUBLISHER);
    switch (kind) {
      case RECORD -> {
        loop.writer()
            .start(Wire.PATCH)
            .text(Wire.DATA, payload.stamped(version))
            .decimal(Wire.CORRELATION_ID, version)
            .text(Wire.NAME, name)
            .number(Wire.IS_WRITE_ACK, 1)
            .text(Wire.PATH, "v")
            .number(Wire.VERSION, version);
        loop.send(publisher, Wire.TOPIC_RECORD);
      }
      case EVENT -> {
        loop.writer()
            .start(Wire.EVENT_EMIT)
            .text(Wire.DATA, payload.stamped(version))
            .text(Wire.NAME, name);
        loop.send(publisher, Wire.TOPIC_EVENT);
      }
    }
  }

  @Override
  public void opened(Connection connection) {
    if (connection.id() == PUBLISHER) {
      ready++;
      return;
    }
    boolean isRecord = kind == Kind.RECORD;
    loop.writer()
        .start(isRecord ? Wire.SUBSCRIBECREATEANDREAD : Wire.EVENT_SUBSCRIBE)
        .decimal(Wire.CORRELATION_ID, connection.id())
        .text(Wire.NAMES, name);
    loop.send(connection, isRecord ? Wire.TOPIC_RECORD : Wire.TOPIC_EVENT);
  }

  @Override
  public void message(Connection connection, Message message) {
    switch (kind) {
      case RECORD -> recordMessage(connection, message);
      case EVENT -> eventMessage(connection, message);
    }
  }

  private void eventMessage(Connection connection, Message message) {
    if (message.topic() == Wire.TOPIC_EVENT && message.action() == Wire.EVENT_EMIT) {
      delivered(connection, message.dataStamp());
    } else if (message.topic() == Wire.TOPIC_EVENT && message.isAck()) {
      seen[connection.id()] = -1;
      ready++;
    } else {
      throw new LoadException("unexpected " + message.describe());
    }
  }

  private void recordMessage(Connection connection, Message message) {
    switch (message.action()) {
      case Wire.PATCH, Wire.UPDATE, Wire.PATCH_MULTI -> delivered(connection, message.version());
      case Wire.WRITE_ACKNOWLEDGEMENT -> arrived((int) message.correlation());
      case Wire.READ_RESPONSE -> {
        seen[connection.id()] = message.version();
        ready++;
      }
      case Wire.SUBSCRIBECREATEANDREAD -> {}
      default -> throw new LoadException("unexpected " + message.describe());
    }
  }

  private void delivered(Connection connection, int arrived) {
    int id = connection.id();
    if (arrived != seen[id] + 1) {
      throw new LoadException("subscriber " + id + " got number " + arrived + " after " + seen[id]);
    }
    seen[id] = arrived;
    meter.count();
    meter.latency(loop.readAt() - sentAt[arrived & (RING - 1)]);
    arrived(arrived);
  }

  private void arrived(int of) {
    if (--missing[of & (RING - 1)] == 0) {
      outstanding--;
    }
  }
}
