// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.metrics;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/// Where every part of the server registers what it counts, and gets the holder to count with.
///
/// The holders are plain adders: counting costs nanoseconds and no library is loaded at start. The
/// Prometheus page, with the metrics of the JVM, is built when it is first asked for.
///
/// Threading: any thread. Registering the same name and labels twice is a programmer's error and
/// throws {@link IllegalArgumentException}. Series are never removed, so labels must come from a
/// small fixed set: a door, a queue, a reason; never a client or a document.
public final class Metrics {
  private final List<Series> series = new ArrayList<>();
  private final Set<String> identities = new HashSet<>();
  private final PrometheusPage page = new PrometheusPage();

  /// One thing to show. Labels alternate key and value.
  sealed interface Series {
    String name();

    String help();

    List<String> labels();

    record Counted(String name, String help, List<String> labels, LongSupplier value)
        implements Series {}

    record Level(String name, String help, List<String> labels, LongSupplier value)
        implements Series {}

    record Spreading(String name, String help, List<String> labels, Spread spread)
        implements Series {}
  }

  /// The meters of one door; the name becomes the label `door`.
  public DoorMeters door(String door) {
    return new DoorMeters(
        level("freshet.connections", "Open connections", "door", door),
        counter("freshet.messages.received", "Messages received", "door", door),
        counter("freshet.messages.sent", "Messages sent", "door", door),
        counter("freshet.received.bytes", "Bytes received, framing included", "door", door),
        counter("freshet.sent.bytes", "Bytes sent, framing included", "door", door));
  }

  /// What a store reports to.
  public CommitMeters commits() {
    return new CommitMeters(
        seconds("freshet.commit.seconds", "Time from handing a batch to the store to its commit"),
        items("freshet.commit.batch.writes", "Writes per committed batch"),
        counter("freshet.commit.log.bytes", "Bytes handed to the store's log"),
        seconds("freshet.fsync.seconds", "Time of one sync of the write-ahead log"));
  }

  /// Shows a queue's depth and counts what it refused because it was full.
  ///
  /// @param depth asked at every scrape from another thread than the queue's own
  /// @return to be incremented per refusal
  public Tally queue(String queue, LongSupplier depth) {
    var refused = new Tally();
    queue(queue, depth, refused::value);
    return refused;
  }

  /// The same for a queue that counts by itself.
  public void queue(String queue, LongSupplier depth, LongSupplier refused) {
    gauge("freshet.queue.depth", "Entries waiting in a queue", depth, "queue", queue);
    counter("freshet.queue.refused", "Entries a full queue turned away", refused, "queue", queue);
  }

  /// A number that only grows. The page appends `_total`.
  public Tally counter(String name, String help, String... labels) {
    var tally = new Tally();
    counter(name, help, tally::value, labels);
    return tally;
  }

  /// The same, kept by somebody else and read when the page is built.
  public void counter(String name, String help, LongSupplier value, String... labels) {
    add(new Series.Counted(name, help, List.of(labels), value));
  }

  /// A number that goes up and down with the holder.
  public Tally level(String name, String help, String... labels) {
    var tally = new Tally();
    gauge(name, help, tally::value, labels);
    return tally;
  }

  /// A number read when the page is built.
  public void gauge(String name, String help, LongSupplier value, String... labels) {
    add(new Series.Level(name, help, List.of(labels), value));
  }

  /// Durations, recorded in nanoseconds and shown in seconds.
  public Spread seconds(String name, String help) {
    var spread = Spread.ofNanos();
    add(new Series.Spreading(name, help, List.of(), spread));
    return spread;
  }

  /// Sizes in whole items.
  public Spread items(String name, String help) {
    var spread = Spread.ofItems();
    add(new Series.Spreading(name, help, List.of(), spread));
    return spread;
  }

  /// The page in Prometheus text format 0.0.4. Takes milliseconds, the first time tens of them:
  /// never call it on an event loop.
  public String scrape() {
    return page.scrape(this::snapshot);
  }

  private synchronized List<Series> snapshot() {
    return List.copyOf(series);
  }

  private synchronized void add(Series added) {
    if (!identities.add(added.name() + added.labels())) {
      throw new IllegalArgumentException("registered twice: " + added.name() + added.labels());
    }
    series.add(added);
  }
}
