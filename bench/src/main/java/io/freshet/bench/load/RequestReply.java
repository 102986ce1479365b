// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.net.URI;
import java.time.Duration;

/// C clients, each with `window` requests outstanding: acknowledged patches of a record, or
/// snapshot reads. Each client has its own record, or all have one (`--shared`; versions are then
/// left to the server). The records start as documents of `--doc-bytes`. After the run every record
/// is read: the version must be the number of acknowledged writes, or the run is void.
final class RequestReply implements Loop.Handler {
  /// What a request is.
  enum Kind {
    WRITES,
    READS
  }

  private final Kind kind;
  private final int clients;
  private final int window;
  private final boolean shared;
  private final String prefix = "bench/own-" + Long.toString(System.currentTimeMillis(), 36) + "-";
  private final byte[] document;
  private final Payload payload;
  private final Meter meter;
  private final Loop loop;
  private final byte[][] names;
  private final int[] firstVersion;
  private final long[] sent;
  private final long[] answered;
  private final long[][] sentAt;
  private final int ringMask;
  private int ready;
  private boolean running;
  private int verified;
  private long accepted;

  RequestReply(Kind kind, URI url, ServerProcess server, Arguments args) {
    this.kind = kind;
    clients = args.count("clients", 64);
    window = args.count("window", 16);
    shared = args.flag("shared");
    document = Payload.document(args.count("doc-bytes", 120));
    payload = new Payload(args.count("patch-bytes", 100));
    meter = new Meter(Meter.Plan.of(args, 600_000), server);
    args.refuseUnknown();
    if (window < 1 || clients < 1) {
      throw new LoadException("--window and --clients start at 1");
    }
    if (shared && kind == Kind.READS) {
      throw new LoadException("--shared is for writes");
    }
    ringMask = Integer.highestOneBit(window * 2) * 2 - 1;
    firstVersion = new int[clients];
    sent = new long[clients];
    answered = new long[clients];
    sentAt = new long[clients][ringMask + 1];
    names = new byte[clients][];
    for (int i = 0; i < clients; i++) {
      names[i] = (prefix + (shared ? 0 : i)).getBytes(US_ASCII);
    }
    loop = new Loop(url, this);
  }

  Report run() {
    try (loop) {
      loop.open(clients);
      loop.await(() -> ready == clients, Duration.ofMinutes(2), "records");
      running = true;
      while (!meter.done()) {
        fillWindows();
        loop.pass(100);
        meter.tick();
      }
      loop.await(this::idle, Duration.ofMinutes(2), "the last answers");
      running = false;
      loop.connections().forEach(this::read);
      loop.await(() -> verified == clients, Duration.ofMinutes(1), "the final reads");
      return meter.report(kind == Kind.WRITES ? "writes" : "reads");
    }
  }

  private void fillWindows() {
    for (Connection connection : loop.connections()) {
      int id = connection.id();
      while (sent[id] - answered[id] < window) {
        sentAt[id][(int) sent[id] & ringMask] = System.nanoTime();
        sent[id]++;
        switch (kind) {
          case WRITES -> patch(connection, sent[id]);
          case READS -> read(connection);
        }
      }
    }
  }

  private boolean idle() {
    for (int i = 0; i < clients; i++) {
      if (sent[i] != answered[i]) {
        return false;
      }
    }
    return true;
  }

  /// The n-th patch of this client, counted from 1; the number is its correlation id.
  private void patch(Connection connection, long n) {
    int id = connection.id();
    loop.writer()
        .start(shared ? Wire.CREATEANDPATCH : Wire.PATCH)
        .text(Wire.DATA, payload.stamped(n * clients + id))
        .decimal(Wire.CORRELATION_ID, n)
        .text(Wire.NAME, names[id])
        .number(Wire.IS_WRITE_ACK, 1)
        .text(Wire.PATH, "v")
        .number(Wire.VERSION, shared ? -1 : firstVersion[id] + n);
    loop.send(connection, Wire.TOPIC_RECORD);
  }

  private void read(Connection connection) {
    loop.writer().start(Wire.READ).text(Wire.NAME, names[connection.id()]);
    loop.send(connection, Wire.TOPIC_RECORD);
  }

  @Override
  public void opened(Connection connection) {
    loop.writer()
        .start(Wire.CREATEANDUPDATE)
        .text(Wire.DATA, document)
        .decimal(Wire.CORRELATION_ID, 0)
        .text(Wire.NAME, names[connection.id()])
        .number(Wire.IS_WRITE_ACK, 1)
        .number(Wire.VERSION, -1);
    loop.send(connection, Wire.TOPIC_RECORD);
  }

  @Override
  public void message(Connection connection, Message message) {
    int id = connection.id();
    switch (message.action()) {
      case Wire.WRITE_ACKNOWLEDGEMENT -> {
        if (!running) {
          read(connection);
        } else {
          accepted++;
          answer(id, message.correlation() - 1);
        }
      }
      case Wire.READ_RESPONSE -> {
        if (running) {
          expect(message.version() == firstVersion[id], message);
          answer(id, answered[id]);
        } else if (ready < clients) {
          firstVersion[id] = message.version();
          ready++;
        } else {
          expect(message.version() == finalVersion(id), message);
          verified++;
        }
      }
      default -> throw new LoadException("unexpected " + message.describe());
    }
  }

  private long finalVersion(int id) {
    return switch (kind) {
      case READS -> firstVersion[id];
      case WRITES -> shared ? clients + accepted : firstVersion[id] + answered[id];
    };
  }

  private void answer(int id, long index) {
    answered[id]++;
    meter.count();
    meter.latency(loop.readAt() - sentAt[id][(int) index & ringMask]);
  }

  private static void expect(boolean condition, Message message) {
    if (!condition) {
      throw new LoadException("wrong version: " + message.describe());
    }
  }
}
