// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.client;

import static io.freshet.client.FreshetClient.await;

import io.freshet.client.FreshetClient;
import io.freshet.client.LiveRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// Somebody else changes 100 records of 100 bytes, a number in one of them at a time, as fast as
/// the server takes it; this client has all of them open, with a listener each. Counted is what its
/// listeners were told. At the end every record is what the server has.
final class RecordUpdates {
  private static final int RECORDS = 100;
  private static final int SETTLED_MS = 1_000;

  private RecordUpdates() {}

  static void run(String url, JavaClient.Time time) {
    try (FreshetClient client = FreshetClient.connect(url)) {
      var told = new LongAdder();
      var records = new ArrayList<LiveRecord>();
      for (int i = 0; i < RECORDS; i++) {
        LiveRecord record = await(client.records().getRecord("bench/" + i).whenReady());
        var _ = record.subscribe(data -> told.increment());
        records.add(record);
      }
      new Stopwatch().await(time.warmUpSeconds());
      var watch = new Stopwatch();
      long before = told.sum();
      watch.await(time.seconds());
      long updates = told.sum() - before;
      double seconds = watch.seconds();
      double processor = watch.processorSeconds();
      settle(told);
      compare(client, records, told.sum());
      JavaClient.say("updates", "updates/min", updates / seconds * 60);
      JavaClient.say("updates", "client CPU share", processor / seconds);
      JavaClient.say("updates", "client CPU-s per million", processor / updates * 1e6);
    }
  }

  /// The writer ends before this does.
  private static void settle(LongAdder told) {
    long last = -1;
    while (told.sum() != last) {
      last = told.sum();
      try {
        Thread.sleep(SETTLED_MS);
      } catch (InterruptedException e) {
        throw new IllegalStateException("interrupted", e);
      }
    }
  }

  private static void compare(FreshetClient client, List<LiveRecord> records, long told) {
    long versions = 0;
    for (LiveRecord each : records) {
      versions += each.version();
      JavaClient.require(
          each.get().equals(await(client.records().snapshot(each.name()))), each.name());
    }
    // The first write of each may have come before its listener.
    JavaClient.require(
        versions >= told && versions - told <= RECORDS, versions + " updates, told of " + told);
  }

  /// The other side, for as long as is measured.
  static void write(String url, JavaClient.Time time) {
    try (FreshetClient client = FreshetClient.connect(url)) {
      var pace = new Pace();
      var records = new ArrayList<LiveRecord>();
      for (int i = 0; i < RECORDS; i++) {
        LiveRecord record = await(client.records().getRecord("bench/" + i).whenReady());
        await(record.set(Map.of("n", 0, "status", "active", "notes", "x".repeat(60))));
        records.add(record);
      }
      var watch = new Stopwatch();
      for (long n = 1; watch.seconds() < time.warmUpSeconds() + time.seconds(); n++) {
        pace.follow(records.get((int) (n % RECORDS)).set("n", n));
      }
      pace.end();
    }
  }
}
