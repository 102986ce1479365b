// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.spi.Durability;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// How an embedded store is set up.
///
/// @param directory holds everything the store keeps; created when missing
/// @param durability of collections no rule names
/// @param rules the first that fits a collection decides its durability
/// @param retention how long changes are held
/// @param memory how much the store may hold in memory
public record RocksStoreOptions(
    Path directory, Durability durability, List<Rule> rules, Retention retention, Memory memory) {

  public RocksStoreOptions {
    rules = List.copyOf(rules);
    requireOffered(durability);
    rules.forEach(rule -> requireOffered(rule.durability()));
  }

  /// The defaults of the design: `fsync` for all, 24 hours or 2 GiB per log, 10 GiB in total.
  public static RocksStoreOptions of(Path directory) {
    return new RocksStoreOptions(
        directory, Durability.FSYNC, List.of(), Retention.DEFAULT, Memory.DEFAULT);
  }

  public RocksStoreOptions withDurability(Durability newDurability, List<Rule> newRules) {
    return new RocksStoreOptions(directory, newDurability, newRules, retention, memory);
  }

  public RocksStoreOptions withRetention(Retention newRetention) {
    return new RocksStoreOptions(directory, durability, rules, newRetention, memory);
  }

  public RocksStoreOptions withMemory(Memory newMemory) {
    return new RocksStoreOptions(directory, durability, rules, retention, newMemory);
  }

  private static void requireOffered(Durability durability) {
    if (durability == Durability.REPLICATED) {
      throw Refusals.durabilityNotSupported();
    }
  }

  /// The durability of a collection.
  public Durability durabilityOf(String collection) {
    for (Rule rule : rules) {
      if (rule.fits(collection)) {
        return rule.durability();
      }
    }
    return durability;
  }

  /// The durability of the collections whose names fit a pattern.
  ///
  /// @param pattern a name in which `*` stands for any characters, also none
  public record Rule(String pattern, Durability durability) {
    boolean fits(String collection) {
      return fits(0, collection, 0);
    }

    /// Tries each length for a `*` from the shortest on; the pattern is the operator's own.
    private boolean fits(int at, String collection, int from) {
      int star = pattern.indexOf('*', at);
      if (star < 0) {
        return pattern.substring(at).equals(collection.substring(from));
      }
      String literal = pattern.substring(at, star);
      if (!collection.startsWith(literal, from)) {
        return false;
      }
      for (int next = from + literal.length(); next <= collection.length(); next++) {
        if (fits(star + 1, collection, next)) {
          return true;
        }
      }
      return false;
    }
  }

  /// When changes are dropped: as soon as one of the bounds is passed. Those of requests younger
  /// than ten minutes are dropped only for `bytesTotal`.
  ///
  /// @param age of the oldest change held
  /// @param bytesPerLog of the changes as encoded, before compression
  /// @param bytesTotal the same, all logs together; also never more than a tenth of the disk
  /// @param tombstones how long deleted documents are remembered
  public record Retention(Duration age, long bytesPerLog, long bytesTotal, Duration tombstones) {
    public static final Retention DEFAULT =
        new Retention(Duration.ofHours(24), 2L << 30, 10L << 30, Duration.ofHours(24));
  }

  /// Bounds on memory, in bytes.
  ///
  /// @param writeBuffer recent changes inside RocksDB; up to twice as much while it flushes
  /// @param cache blocks read from disk
  /// @param unmaterialised estimated heap of documents changed since they were last written; from
  ///   here on they are written soon, at four times as much commits wait
  /// @param replay changes, as encoded, that an unclean stop may leave to be read at the next start
  public record Memory(long writeBuffer, long cache, long unmaterialised, long replay) {
    public static final Memory DEFAULT = new Memory(24L << 20, 16L << 20, 16L << 20, 64L << 20);
  }
}
