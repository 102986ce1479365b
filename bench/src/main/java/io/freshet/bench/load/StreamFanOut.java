// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import io.freshet.bench.load.JsonFrame.Member;
import java.net.URI;
import java.time.Duration;

/// One publisher merges into ten documents on `/ws` in turn; N clients each have a live
/// subscription (a stream in the mode `subscribe`) with one of ten filters. Each filter matches one
/// of the documents, or, `--match all`, every one.
///
/// An update is *outstanding* until its result and all deliveries have arrived here; the publisher
/// keeps `window` updates outstanding. Every subscriber must see every revision that its filter
/// lets through, in order and once, or the run is void.
final class StreamFanOut implements JsonLoop.Handler {
  private static final Member STATUS = new Member("status");
  private static final Member REVISION = new Member("revision");
  private static final Member DOCUMENT = new Member("documentId");
  private static final Member REQUEST = new Member("requestId");

  private static final int FILTERS = 10;
  private static final int PUBLISHER = 0;
  private static final int RING = 4096;
  private static final int CREATED = 201;

  private final int subscribers;
  private final int window;
  private final boolean all;
  private final String collection = "live" + Long.toString(System.nanoTime(), 36);
  private final Payload payload;
  private final Meter meter;
  private final JsonLoop loop;
  private final int[][] seen;
  private final int[] missing = new int[RING];
  private final long[] sentAt = new long[RING];
  private int documents;
  private int ready;
  private int updates;
  private int outstanding;

  StreamFanOut(URI url, ServerProcess server, Arguments args) {
    subscribers = args.count("subscribers", 1000);
    window = args.count("window", 16);
    all = args.text("match", "one").equals("all");
    payload = new Payload(args.count("patch-bytes", 100));
    meter = new Meter(Meter.Plan.of(args, 1_000_000), server);
    args.refuseUnknown();
    if (window < 1 || window > RING / 2 || subscribers % FILTERS != 0) {
      throw new LoadException("--window goes from 1 to " + RING / 2 + "; --subscribers in tens");
    }
    seen = new int[subscribers + 1][FILTERS];
    loop = new JsonLoop(url, this);
  }

  Report run() {
    try (loop) {
      loop.open(1);
      loop.await(() -> documents == FILTERS, Duration.ofMinutes(1), "the documents");
      loop.open(subscribers);
      loop.await(() -> ready == subscribers, Duration.ofMinutes(2), "subscriptions");
      while (!meter.done()) {
        while (outstanding < window) {
          update();
        }
        loop.pass(100);
        meter.tick();
      }
      loop.await(() -> outstanding == 0, Duration.ofMinutes(1), "the last deliveries");
      return meter.report("deliveries");
    }
  }

  private void update() {
    updates++;
    int slot = updates & (RING - 1);
    missing[slot] = 1 + (all ? subscribers : subscribers / FILTERS);
    sentAt[slot] = System.nanoTime();
    outstanding++;
    loop.writer()
        .start("{\"type\":\"sync\",\"requestId\":\"")
        .decimal(updates)
        .raw("\",\"op\":\"merge\",\"service\":\"")
        .raw(collection)
        .raw("\",\"id\":\"")
        .decimal(updates % FILTERS)
        .raw("\",\"data\":{\"v\":")
        .raw(payload.stamped(updates))
        .raw("}}");
    loop.send(loop.connections().get(PUBLISHER));
  }

  @Override
  public void opened(Connection connection) {
    if (connection.id() == PUBLISHER) {
      for (int document = 0; document < FILTERS; document++) {
        create(connection, document);
      }
      return;
    }
    int number = connection.id() % FILTERS;
    String filter = all ? "{\"g\":{\"gte\":-" + number + "}}" : "{\"g\":" + number + "}";
    loop.writer()
        .start("{\"type\":\"stream\",\"mode\":\"subscribe\",\"ref\":\"r\",\"collection\":\"")
        .raw(collection)
        .raw("\",\"update\":{\"after\":")
        .raw(filter)
        .raw("}}");
    loop.send(connection);
  }

  private void create(Connection connection, int document) {
    loop.writer()
        .start("{\"type\":\"sync\",\"requestId\":\"0\",\"op\":\"create\",\"service\":\"")
        .raw(collection)
        .raw("\",\"id\":\"")
        .decimal(document)
        .raw("\",\"data\":{\"g\":")
        .decimal(document)
        .raw("}}");
    loop.send(connection);
  }

  @Override
  public void frame(Connection connection, JsonFrame frame) {
    if (frame.isOf("change")) {
      delivered(connection.id(), frame);
    } else if (frame.isOf("streaming")) {
      ready++;
    } else if (frame.isOf("result") && frame.number(STATUS) == CREATED) {
      documents++;
    } else if (frame.isOf("result")) {
      arrived((int) frame.number(REQUEST));
    } else if (!frame.isOf("streamState")) {
      throw frame.unexpected();
    }
  }

  private void delivered(int id, JsonFrame frame) {
    int document = (int) frame.number(DOCUMENT);
    int revision = (int) frame.number(REVISION);
    int last = seen[id][document];
    if (!all && document != id % FILTERS || revision != (last == 0 ? 2 : last + 1)) {
      throw new LoadException(
          "subscriber " + id + " after revision " + last + ": " + frame.unexpected().getMessage());
    }
    seen[id][document] = revision;
    int update = FILTERS * (revision - 2) + (document == 0 ? FILTERS : document);
    meter.count();
    meter.latency(loop.readAt() - sentAt[update & (RING - 1)]);
    arrived(update);
  }

  private void arrived(int update) {
    if (--missing[update & (RING - 1)] == 0) {
      outstanding--;
    }
  }
}
