// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.spi.CommitResult;
import io.freshet.spi.Durability;
import io.freshet.spi.StoreMeter;
import io.freshet.spi.Write;
import io.freshet.testkit.RandomJson;
import io.freshet.testkit.Writes;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// Measures the store by hand (never part of a test run): time and CPU per write for several batch
/// sizes and durability levels, bytes written for small patches of large documents, time to open.
///
/// Usage: `StoreMeasurement DIRECTORY [SECONDS [LEVEL BATCH]]`; with level and batch only that
/// line.
final class StoreMeasurement {
  private static final int PATCH_BYTES = 100;
  private static final int DOCUMENTS = 64;

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /// CPU time of the commits of the running measurement.
  private static long committing;

  private StoreMeasurement() {}

  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    long nanos = (long) (1e9 * (args.length > 1 ? Double.parseDouble(args[1]) : 3));
    if (args.length > 2) {
      writes(directory, Durability.valueOf(args[2]), Integer.parseInt(args[3]), nanos);
      return;
    }
    opening(directory);
    retention(directory, 4 * nanos);
    for (Durability level : List.of(Durability.MEMORY, Durability.OS, Durability.FSYNC)) {
      for (int batch : new int[] {1, 16, 256, 1024}) {
        writes(directory, level, batch, nanos);
      }
    }
    for (int bytes : new int[] {1_000, 100_000, 1_000_000}) {
      patches(directory, bytes, 2_000);
    }
  }

  private static void opening(Path directory) throws IOException {
    for (int i = 0; i < 3; i++) {
      delete(directory);
      long start = System.nanoTime();
      RocksStore store = open(directory, Durability.FSYNC);
      long opened = System.nanoTime();
      store.close();
      long closed = System.nanoTime();
      open(directory, Durability.FSYNC).close();
      System.out.printf(
          "open empty %.0f ms, close %.0f ms, reopen and close %.0f ms%n",
          (opened - start) / 1e6, (closed - opened) / 1e6, (System.nanoTime() - closed) / 1e6);
    }
  }

  private static RocksStore open(Path directory, Durability level) {
    var options = RocksStoreOptions.of(directory).withDurability(level, List.of());
    return RocksStore.open(options, InstantSource.system(), StoreMeter.NONE);
  }

  /// Disk used while old changes are dropped as fast as new ones come.
  private static void retention(Path directory, long nanos) throws IOException {
    delete(directory);
    var bounds =
        new RocksStoreOptions.Retention(
            Duration.ofDays(1), 64L << 20, 64L << 20, Duration.ofDays(1));
    var options =
        RocksStoreOptions.of(directory)
            .withDurability(Durability.OS, List.of())
            .withRetention(bounds);
    try (RocksStore store = RocksStore.open(options, InstantSource.system(), StoreMeter.NONE)) {
      long cpu = cpuNanos();
      long written = run(store, missing(), texts(), 256, nanos);
      System.out.printf(
          "retention of 64 MiB: %.0f ns/write CPU of the process, %d writes, log %s, %d MiB on"
              + " disk%n",
          (cpuNanos() - cpu) / (double) written,
          written,
          store.logs().getFirst(),
          size(directory) >> 20);
    }
    System.out.printf("after the stop: %d MiB on disk%n", size(directory) >> 20);
  }

  private static long size(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }

  private static List<Document> missing() {
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < DOCUMENTS; i++) {
      documents.add(Document.missing(new DocumentKey("bench", "document-" + i)));
    }
    return documents;
  }

  private static List<JsonString> texts() {
    var random = new RandomJson(new SplittableRandom(1));
    return Stream.generate(() -> random.text(PATCH_BYTES)).limit(512).toList();
  }

  /// One patch that sets a text of 100 bytes, over 64 documents in turn.
  private static void writes(Path directory, Durability level, int batch, long nanos)
      throws IOException {
    delete(directory);
    try (RocksStore store = open(directory, level)) {
      List<Document> documents = missing();
      List<JsonString> texts = texts();
      run(store, documents, texts, batch, nanos / 2);
      long cpu = cpuNanos();
      committing = 0;
      long start = System.nanoTime();
      long written = run(store, documents, texts, batch, nanos);
      double wall = System.nanoTime() - start;
      System.out.printf(
          "%s batch %d: %.0f ns/write CPU in commit, %.0f of the process, %.0f wall; %.0f/s%n",
          level,
          batch,
          committing / (double) written,
          (cpuNanos() - cpu) / (double) written,
          wall / written,
          written / wall * 1e9);
    }
  }

  private static long run(
      RocksStore store, List<Document> documents, List<JsonString> texts, int batch, long nanos) {
    long end = System.nanoTime() + nanos;
    long written = 0;
    while (System.nanoTime() < end) {
      var writes = new ArrayList<Write>(batch);
      for (int i = 0; i < batch; i++) {
        int slot = (int) (written++ % documents.size());
        Document before = documents.get(slot);
        JsonString text = texts.get((int) (written % texts.size()));
        Write write =
            before.isLive()
                ? Writes.set(before, "text", text)
                : Writes.create(before, JsonObject.of("n", JsonNumber.of(1)));
        documents.set(slot, write.after());
        writes.add(write);
      }
      long begun = THREADS.getCurrentThreadCpuTime();
      List<CommitResult> results = store.commit(writes);
      committing += THREADS.getCurrentThreadCpuTime() - begun;
      for (int i = 0; i < batch; i++) {
        Document after = ((CommitResult.Committed) results.get(i)).change().after();
        documents.set((int) ((written - batch + i) % documents.size()), after);
      }
    }
    return written;
  }

  /// Patches of 20 bytes, one commit each, to one document of a size.
  private static void patches(Path directory, int bytes, int count) throws IOException {
    delete(directory);
    long before;
    try (RocksStore store = open(directory, Durability.OS)) {
      var key = new DocumentKey("bench", "big");
      JsonObject data = new RandomJson(new SplittableRandom(1)).large(bytes);
      Document current = committed(store, Writes.create(Document.missing(key), data));
      current = patch(store, current, 500);
      before = written();
      long cpu = cpuNanos();
      long start = System.nanoTime();
      current = patch(store, current, count);
      System.out.printf(
          "20-byte patch of %d bytes: %.1f us wall, %.1f us process CPU, %d bytes written",
          bytes,
          (System.nanoTime() - start) / 1e3 / count,
          (cpuNanos() - cpu) / 1e3 / count,
          (written() - before) / count);
    }
    System.out.printf(" (%d with the clean stop)%n", (written() - before) / count);
  }

  private static Document patch(RocksStore store, Document from, int count) {
    Document current = from;
    for (int i = 0; i < count; i++) {
      JsonString text = JsonString.of("%020d".formatted(i));
      current = committed(store, Writes.set(current, "member" + i % 5, text));
    }
    return current;
  }

  private static Document committed(RocksStore store, Write write) {
    return ((CommitResult.Committed) store.commit(List.of(write)).getFirst()).change().after();
  }

  /// Bytes this process has handed to the operating system.
  private static long written() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/io"))) {
      if (line.startsWith("wchar:")) {
        return Long.parseLong(line.substring(6).strip());
      }
    }
    throw new IOException("No wchar in /proc/self/io");
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }
}
