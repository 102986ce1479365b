// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.client;

import static io.freshet.client.FreshetClient.await;

import io.freshet.client.FreshetClient;
import io.freshet.client.LiveRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Sets one number of 16 records in turn and waits for none of them, as long as fewer than 8 000
/// wait for an answer. Counted is what was answered. At the end the server has the last of each.
final class RecordSets {
  private static final int RECORDS = 16;

  private RecordSets() {}

  static void run(String url, JavaClient.Time time) {
    try (FreshetClient client = FreshetClient.connect(url)) {
      var records = new ArrayList<LiveRecord>();
      for (int i = 0; i < RECORDS; i++) {
        LiveRecord record = await(client.records().getRecord("set/" + i).whenReady());
        await(record.set(Map.of("n", 0, "status", "active", "notes", "x".repeat(60))));
        records.add(record);
      }
      long n = write(records, 1, time.warmUpSeconds());
      var watch = new Stopwatch();
      long sets = write(records, n, time.seconds()) - n;
      double seconds = watch.seconds();
      double processor = watch.processorSeconds();
      for (LiveRecord each : records) {
        JavaClient.require(
            each.get().equals(await(client.records().snapshot(each.name()))), each.name());
        JavaClient.require(await(client.records().head(each.name())) == each.version(), "version");
      }
      JavaClient.say("set", "sets/s", sets / seconds);
      JavaClient.say("set", "client CPU share", processor / seconds);
      JavaClient.say("set", "client CPU-s per million", processor / sets * 1e6);
    }
  }

  private static long write(List<LiveRecord> records, long from, int seconds) {
    var pace = new Pace();
    var watch = new Stopwatch();
    long n = from;
    for (; watch.seconds() < seconds; n++) {
      pace.follow(records.get((int) (n % RECORDS)).set("n", n));
    }
    pace.end();
    return n;
  }
}
