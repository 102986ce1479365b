// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.net.URI;
import java.util.Locale;

/// Command line of the load driver: one scenario against one server, figures on standard output as
/// `name value` lines. Exit code 1 and a message on standard error when the run is void.
public final class Load {
  private static final String USAGE =
      """
      usage: Load SCENARIO [--url ws://HOST:PORT/deepstream] [--pid N] [--key value ...]
        fan-out     --subscribers 1000 --window 16 --rate 0 --patch-bytes 100
        events      --subscribers 1000 --window 16 --rate 0 --patch-bytes 100
        writes      --clients 64 --window 16 --patch-bytes 100 --doc-bytes 120 [--shared]
        reads       --clients 64 --window 16 --doc-bytes 120
        calls       --clients 1 --window 1 --rate 0 --patch-bytes 100
        idle        --connections 10000 --warmup-connections 200
        cold-start  --command "./freshet start --port 6020 --data {data}" --ready-line "Freshet ready" --rounds 5
        sync-writes --clients 64 --window 16 --op merge|mutate|increment --doc-bytes 1000 --patch-bytes 100 [--shared]
        sync-fan-out --subscribers 1000 --window 16 --mode full|diff|both --doc-bytes 120 --patch-bytes 100
        sync-diff   the same, full and then diff
        stream-replay --changes 1000000 --window 16384 --ack-every 256 --patch-bytes 40
        stream-fan-out --subscribers 1000 --window 16 --match one|all --patch-bytes 100
        stream-latency --rate 100 --patch-bytes 100
        http-writes --doc-bytes 1000 --patch-bytes 100 --data DIR --appends 1000
        disk        --data DIR --appends 1000
        hostile     --subscribers 100 --rate 20 --seconds 20 --attack all
        logins      --clients 1000 --username bench --password bench --seconds 30
        send        --subscribers 1000
        floor       --port 6020     serves instead of measuring: the least a server can do
      sync-... and stream-... take --url ws://HOST:PORT/ws; http-writes --url http://HOST:PORT
      fan-out, events, writes, reads, calls, sync-..., stream-... and http-writes also take: --warmup OPS --warmup-seconds 15 --ops 0 --seconds 10
      """;

  private Load() {}

  /// Runs the scenario named first.
  public static void main(String[] args) {
    if (args.length == 0) {
      System.err.print(USAGE);
      System.exit(2);
    }
    try {
      if (args[0].equals("floor")) {
        serveFloor(new Arguments(args, 1));
        return;
      }
      System.out.print(run(args).lines());
    } catch (LoadException e) {
      Throwable cause = e.getCause();
      System.err.println("void: " + e.getMessage() + (cause == null ? "" : ": " + cause));
      System.exit(1);
    }
  }

  private static void serveFloor(Arguments args) {
    try (var floor = new FloorServer(args.count("port", 6020))) {
      args.refuseUnknown();
      System.out.println("Floor ready ws://127.0.0.1:" + floor.port() + "/deepstream");
      floor.serve();
    }
  }

  private static Report run(String[] words) {
    String scenario = words[0];
    var args = new Arguments(words, 1);
    URI url = URI.create(args.text("url", "ws://127.0.0.1:6020/deepstream"));
    var server = new ServerProcess(args.number("pid", 0));
    return switch (scenario.toLowerCase(Locale.ROOT)) {
      case "fan-out" -> new FanOut(FanOut.Kind.RECORD, url, server, args).run();
      case "events" -> new FanOut(FanOut.Kind.EVENT, url, server, args).run();
      case "writes" -> new RequestReply(RequestReply.Kind.WRITES, url, server, args).run();
      case "reads" -> new RequestReply(RequestReply.Kind.READS, url, server, args).run();
      case "calls" -> new Calls(url, server, args).run();
      case "sync-writes" -> new SyncWrites(url, server, args).run();
      case "sync-fan-out" -> new SyncFanOut(url, server, args, args.text("mode", "full")).run();
      case "sync-diff" -> new SyncDiff(url, server, words).run();
      case "stream-replay" -> new StreamReplay(url, server, args).run();
      case "stream-fan-out" -> new StreamFanOut(url, server, args).run();
      case "stream-latency" -> new StreamLatency(url, server, args).run();
      case "http-writes" -> new HttpWrites(url, server, args).run();
      case "idle" -> new IdleConnections(url, server, args).run();
      case "hostile" -> new Hostile(url, server, args).run();
      case "logins" -> new Logins(url, server, args).run();
      case "cold-start" -> new ColdStart(url, args).run();
      case "send" -> new SendProbe(args).run();
      case "disk" -> new DiskProbe(args).run();
      default -> throw new LoadException("no scenario '" + scenario + "'\n" + USAGE);
    };
  }
}
