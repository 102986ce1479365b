// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.net.URI;
import java.time.Duration;

/// Remote procedure calls: C clients call one provider, which accepts and answers with what it was
/// given, each client with `window` calls outstanding or, with a `rate`, all together on a fixed
/// schedule. A call takes from its sending, or the scheduled instant, to its answer, by way of the
/// provider in this driver. An answer that was not asked for, or holds other data, makes the run
/// void.
final class Calls implements Loop.Handler {
  private static final int PROVIDER = 0;
  private static final int RING = 4096;
  private static final String NAME = "bench/echo";

  private final int clients;
  private final int window;
  private final Schedule schedule;
  private final Payload payload;
  private final Meter meter;
  private final Loop loop;
  private final int[] outstanding;

  /// Per call, 0 when there is none.
  private final long[] sentAt = new long[RING];

  private boolean provided;
  private int callers;
  private int calls;
  private int allOutstanding;

  Calls(URI url, ServerProcess server, Arguments args) {
    clients = args.count("clients", 1);
    window = args.count("window", 1);
    schedule = new Schedule(args.count("rate", 0));
    payload = new Payload(args.count("patch-bytes", 100));
    meter = new Meter(Meter.Plan.of(args, 20_000), server);
    args.refuseUnknown();
    if (clients < 1 || window < 1 || (long) clients * window > RING / 2) {
      throw new LoadException("--clients times --window goes from 1 to " + RING / 2);
    }
    outstanding = new int[clients + 1];
    loop = new Loop(url, this);
  }

  Report run() {
    try (loop) {
      loop.open(1);
      loop.await(() -> provided, Duration.ofMinutes(1), "the provider");
      loop.open(clients);
      loop.await(() -> callers == clients, Duration.ofMinutes(1), "the callers");
      while (!meter.done() && !(schedule.isKept() && meter.warm())) {
        fillWindows();
        loop.pass(100);
        meter.tick();
      }
      loop.await(() -> allOutstanding == 0, Duration.ofMinutes(1), "the last answers");
      if (schedule.isKept()) {
        schedule.run(loop, meter, at -> call(1 + calls % clients, at));
        loop.await(() -> allOutstanding == 0, Duration.ofMinutes(1), "the last answers");
      }
      return meter.report("calls");
    }
  }

  private void fillWindows() {
    for (int id = 1; id <= clients; id++) {
      while (outstanding[id] < window) {
        call(id, System.nanoTime());
      }
    }
  }

  private void call(int id, long at) {
    int slot = ++calls & (RING - 1);
    if (sentAt[slot] != 0) {
      throw new LoadException(RING + " calls behind; the server does not keep up");
    }
    sentAt[slot] = at;
    outstanding[id]++;
    allOutstanding++;
    loop.writer()
        .start(Wire.RPC_REQUEST)
        .text(Wire.DATA, payload.stamped(calls))
        .decimal(Wire.CORRELATION_ID, calls)
        .text(Wire.RPC_NAME, NAME);
    loop.send(loop.connections().get(id), Wire.TOPIC_RPC);
  }

  @Override
  public void opened(Connection connection) {
    if (connection.id() != PROVIDER) {
      callers++;
      return;
    }
    loop.writer()
        .start(Wire.RPC_PROVIDE)
        .decimal(Wire.CORRELATION_ID, 0)
        .text(Wire.RPC_NAMES, NAME);
    loop.send(connection, Wire.TOPIC_RPC);
  }

  @Override
  public void message(Connection connection, Message message) {
    boolean isProvider = connection.id() == PROVIDER;
    if (message.topic() != Wire.TOPIC_RPC) {
      throw new LoadException("unexpected " + message.describe());
    } else if (isProvider && message.action() == Wire.RPC_REQUEST) {
      serve(connection, message);
    } else if (isProvider && message.isAck()) {
      provided = true;
    } else if (!isProvider && message.action() == Wire.RPC_RESPONSE) {
      answered(connection.id(), message);
    } else if (isProvider || message.action() != Wire.RPC_ACCEPT) {
      throw new LoadException("unexpected " + message.describe());
    }
  }

  private void serve(Connection provider, Message message) {
    message.copyCorrelation(loop.writer().start(Wire.RPC_ACCEPT));
    loop.writer().text(Wire.RPC_NAME, NAME);
    loop.send(provider, Wire.TOPIC_RPC);
    message.copyData(loop.writer().start(Wire.RPC_RESPONSE));
    message.copyCorrelation(loop.writer());
    loop.writer().text(Wire.RPC_NAME, NAME);
    loop.send(provider, Wire.TOPIC_RPC);
  }

  private void answered(int id, Message message) {
    int slot = (int) message.correlation() & (RING - 1);
    if (sentAt[slot] == 0 || message.dataStamp() != message.correlation()) {
      throw new LoadException("call " + message.correlation() + " got " + message.data());
    }
    meter.count();
    meter.latency(loop.readAt() - sentAt[slot]);
    sentAt[slot] = 0;
    outstanding[id]--;
    allOutstanding--;
  }
}
