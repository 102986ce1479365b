// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.freshet.bench.load.JsonFrame.Member;
import java.net.URI;
import java.time.Duration;

/// One publisher merges a member of `--patch-bytes` into one document of `--doc-bytes` on `/ws`,
/// whose topic N clients are subscribed to in one return mode.
///
/// An update is *outstanding* until its result and all N events have arrived here; the publisher
/// keeps `window` updates outstanding. Every subscriber must see every revision, in order and once,
/// and none left out for it, or the run is void.
final class SyncFanOut implements JsonLoop.Handler {
  private static final Member STATUS = new Member("status");
  private static final Member REVISION = new Member("revision");
  private static final int PUBLISHER = 0;
  private static final int RING = 4096;
  private static final int CREATED = 201;

  private final int subscribers;
  private final int window;
  private final String mode;
  private final String service = "fan" + Long.toString(System.nanoTime(), 36);
  private final byte[] document;
  private final byte[] merge;
  private final Payload payload;
  private final Meter meter;
  private final JsonLoop loop;
  private final int[] seen;
  private final int[] missing = new int[RING];
  private final long[] sentAt = new long[RING];
  private int ready;
  private int revision = 1;
  private int outstanding;

  /// @param mode `full`, `diff` or `both`
  SyncFanOut(URI url, ServerProcess server, Arguments args, String mode) {
    this.mode = mode;
    subscribers = args.count("subscribers", 1000);
    window = args.count("window", 16);
    document = Payload.document(args.count("doc-bytes", 120));
    payload = new Payload(args.count("patch-bytes", 100));
    meter = new Meter(Meter.Plan.of(args, 1_000_000), server);
    args.refuseUnknown();
    if (window < 1 || window > RING / 2) {
      throw new LoadException("--window goes from 1 to " + RING / 2);
    }
    merge =
        ("\",\"op\":\"merge\",\"service\":\"" + service + "\",\"id\":\"d\",\"data\":{\"v\":")
            .getBytes(US_ASCII);
    seen = new int[subscribers + 1];
    loop = new JsonLoop(url, this);
  }

  Report run() {
    try (loop) {
      loop.open(1);
      loop.await(() -> ready == 1, Duration.ofMinutes(1), "the document");
      loop.open(subscribers);
      loop.await(() -> ready == subscribers + 1, Duration.ofMinutes(2), "subscriptions");
      while (!meter.done()) {
        while (outstanding < window) {
          send();
        }
        loop.pass(100);
        meter.tick();
      }
      long reads = loop.reads();
      long bytes = loop.bytesRead();
      loop.await(() -> outstanding == 0, Duration.ofMinutes(1), "the last deliveries");
      return meter.report("deliveries").put("bytes_per_read", (double) bytes / reads);
    }
  }

  private void send() {
    revision++;
    int slot = revision & (RING - 1);
    missing[slot] = subscribers + 1;
    sentAt[slot] = System.nanoTime();
    outstanding++;
    loop.writer()
        .start("{\"type\":\"sync\",\"requestId\":\"")
        .decimal(revision)
        .raw(merge)
        .raw(payload.stamped(revision))
        .raw("}}");
    loop.send(loop.connections().get(PUBLISHER));
  }

  @Override
  public void opened(Connection connection) {
    if (connection.id() == PUBLISHER) {
      loop.writer()
          .start("{\"type\":\"sync\",\"requestId\":\"1\",\"op\":\"create\",\"service\":\"")
          .raw(service)
          .raw("\",\"id\":\"d\",\"data\":")
          .raw(document)
          .raw("}");
    } else {
      loop.writer()
          .start("{\"type\":\"subscribe\",\"ref\":\"s\",\"topic\":\"sync.")
          .raw(service)
          .raw(".updated\",\"returnMode\":\"")
          .raw(mode)
          .raw("\"}");
    }
    loop.send(connection);
  }

  @Override
  public void frame(Connection connection, JsonFrame frame) {
    if (frame.isOf("event")) {
      delivered(connection.id(), frame);
    } else if (frame.isOf("subscribed")) {
      seen[connection.id()] = revision;
      ready++;
    } else if (!frame.isOf("result")) {
      throw frame.unexpected();
    } else if (frame.number(STATUS) == CREATED) {
      ready++;
    } else {
      arrived((int) frame.number(REVISION));
    }
  }

  private void delivered(int id, JsonFrame frame) {
    int arrived = (int) frame.number(REVISION);
    if (arrived != seen[id] + 1) {
      throw new LoadException("subscriber " + id + " got " + arrived + " after " + seen[id]);
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
