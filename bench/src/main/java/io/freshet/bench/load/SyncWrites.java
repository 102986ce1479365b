// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.freshet.bench.load.JsonFrame.Member;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;

/// C clients on `/ws`, each with `window` writes of one kind outstanding, of a document of its own
/// or, `--shared`, all of one. A write counts when its result has arrived, which holds the whole
/// document. The documents start with `--doc-bytes`. After the run every document is read: its
/// revision must be the number of acknowledged writes, and a counter must hold it, or the run is
/// void.
final class SyncWrites implements JsonLoop.Handler {
  /// What a write is.
  private enum Kind {
    /// A member of `--patch-bytes` is merged into the document.
    MERGE,
    /// The same member is set by a mutation.
    MUTATE,
    /// One is added to a counter.
    INCREMENT
  }

  private static final Member REQUEST = new Member("requestId");
  private static final Member STATUS = new Member("status");
  private static final Member REVISION = new Member("revision");
  private static final Member COUNTER = new Member("n");
  private static final int OK = 200;
  private static final int CREATED = 201;

  private final Kind kind;
  private final int clients;
  private final int window;
  private final boolean shared;
  private final String prefix = "own-" + Long.toString(System.currentTimeMillis(), 36) + "-";
  private final byte[] document;
  private final Payload payload;
  private final Meter meter;
  private final JsonLoop loop;
  private final byte[][] heads;
  private final long[] sent;
  private final long[] answered;
  private final long[][] sentAt;
  private final int ringMask;
  private int ready;
  private boolean ended;
  private int verified;

  SyncWrites(URI url, ServerProcess server, Arguments args) {
    kind = Kind.valueOf(args.text("op", "merge").toUpperCase(Locale.ROOT));
    clients = args.count("clients", 64);
    window = args.count("window", 16);
    shared = args.flag("shared");
    document = Payload.document(args.count("doc-bytes", 1000));
    payload = new Payload(args.count("patch-bytes", 100));
    meter = new Meter(Meter.Plan.of(args, 600_000), server);
    args.refuseUnknown();
    if (window < 1 || clients < 1) {
      throw new LoadException("--window and --clients start at 1");
    }
    ringMask = Integer.highestOneBit(window * 2) * 2 - 1;
    sent = new long[clients];
    answered = new long[clients];
    sentAt = new long[clients][ringMask + 1];
    heads = new byte[clients][];
    for (int i = 0; i < clients; i++) {
      heads[i] = head(i).getBytes(US_ASCII);
    }
    loop = new JsonLoop(url, this);
  }

  /// A write of this client, as far as it is the same every time.
  private String head(int id) {
    String place = "\",\"service\":\"bench\",\"id\":\"" + name(id);
    return switch (kind) {
      case MERGE -> place + "\",\"op\":\"merge\",\"data\":{\"v\":";
      case MUTATE -> place + "\",\"op\":\"mutate\",\"mutations\":{\"v\":";
      case INCREMENT -> place + "\",\"op\":\"mutate\",\"mutations\":{\"n\":{\"$inc\":1";
    };
  }

  private String name(int id) {
    return prefix + (shared ? 0 : id);
  }

  Report run() {
    try (loop) {
      loop.open(1);
      loop.await(() -> ready == 1, Duration.ofMinutes(1), "the first document");
      loop.open(clients - 1);
      loop.await(() -> ready == clients, Duration.ofMinutes(2), "documents");
      while (!meter.done()) {
        fillWindows();
        loop.pass(100);
        meter.tick();
      }
      loop.await(() -> Arrays.equals(sent, answered), Duration.ofMinutes(2), "the last answers");
      ended = true;
      loop.connections().forEach(this::read);
      loop.await(() -> verified == clients, Duration.ofMinutes(1), "the final reads");
      return meter.report("writes");
    }
  }

  private void fillWindows() {
    for (Connection connection : loop.connections()) {
      int id = connection.id();
      while (sent[id] - answered[id] < window) {
        sentAt[id][(int) sent[id] & ringMask] = System.nanoTime();
        write(connection, sent[id]);
        sent[id]++;
      }
    }
  }

  private void write(Connection connection, long n) {
    int id = connection.id();
    JsonWriter frame = loop.writer().start("{\"type\":\"sync\",\"requestId\":\"").decimal(n);
    frame.raw(heads[id]);
    if (kind != Kind.INCREMENT) {
      frame.raw(payload.stamped(n * clients + id));
    } else {
      frame.raw("}");
    }
    frame.raw("}}");
    loop.send(connection);
  }

  private void create(Connection connection) {
    loop.writer()
        .start(
            "{\"type\":\"sync\",\"requestId\":\"0\",\"op\":\"create\",\"service\":\"bench\",\"id\":\"")
        .raw(name(connection.id()))
        .raw("\",\"data\":")
        .raw(document)
        .raw("}");
    loop.send(connection);
  }

  private void read(Connection connection) {
    loop.writer()
        .start(
            "{\"type\":\"sync\",\"requestId\":\"0\",\"op\":\"get\",\"service\":\"bench\",\"id\":\"")
        .raw(name(connection.id()))
        .raw("\"}");
    loop.send(connection);
  }

  @Override
  public void opened(Connection connection) {
    if (shared && connection.id() > 0) {
      ready++;
    } else {
      create(connection);
    }
  }

  @Override
  public void frame(Connection connection, JsonFrame frame) {
    if (!frame.isOf("result")) {
      throw frame.unexpected();
    }
    int id = connection.id();
    long status = frame.number(STATUS);
    if (status == CREATED) {
      ready++;
    } else if (status != OK) {
      throw frame.unexpected();
    } else if (ended) {
      verify(id, frame);
    } else {
      answered[id]++;
      meter.count();
      meter.latency(loop.readAt() - sentAt[id][(int) frame.number(REQUEST) & ringMask]);
    }
  }

  private void verify(int id, JsonFrame frame) {
    long writes = shared ? Arrays.stream(answered).sum() : answered[id];
    boolean counts = kind == Kind.INCREMENT && writes > 0;
    if (frame.number(REVISION) != 1 + writes || (counts && frame.number(COUNTER) != writes)) {
      throw new LoadException("after " + writes + " writes, " + frame.unexpected().getMessage());
    }
    verified++;
  }
}
