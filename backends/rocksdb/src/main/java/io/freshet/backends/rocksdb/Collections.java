// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.spi.Durability;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The collections that were ever written, and their numbers on disk.
///
/// **Threads.** Only the committer adds (and recovery before it); any thread looks up.
final class Collections {
  private final Map<String, Collection> byName = new ConcurrentHashMap<>();
  private final Map<Integer, Collection> byNumber = new ConcurrentHashMap<>();
  private final Function<String, LogTail> tails;
  private int lastNumber;

  Collections(RocksStoreOptions options, Map<Durability, LogTail> tails) {
    this.tails = collection -> tailOf(tails, options.durabilityOf(collection));
  }

  private static LogTail tailOf(Map<Durability, LogTail> tails, Durability level) {
    LogTail tail = tails.get(level);
    if (tail == null) {
      throw new IllegalStateException("No log of level " + level);
    }
    return tail;
  }

  /// One the disk knows.
  void recovered(int number, String name) {
    add(new Collection(number, name, tails.apply(name), true));
  }

  /// The collection of that name, with a number from now on.
  Collection of(String name) {
    Collection known = byName.get(name);
    return known != null
        ? known
        : add(new Collection(lastNumber + 1, name, tails.apply(name), false));
  }

  private Collection add(Collection collection) {
    byName.put(collection.name, collection);
    byNumber.put(collection.number, collection);
    lastNumber = Math.max(lastNumber, collection.number);
    return collection;
  }

  @Nullable Collection find(String name) {
    return byName.get(name);
  }

  Collection numbered(int number) {
    Collection known = byNumber.get(number);
    if (known == null) {
      throw Refusals.malformed("collection " + number + " has no name");
    }
    return known;
  }

  /// A collection and, while a commit is being put together, its block in it.
  static final class Collection {
    private final int number;
    private final String name;
    private final LogTail tail;
    private boolean persisted;

    private Collection(int number, String name, LogTail tail, boolean persisted) {
      this.number = number;
      this.name = name;
      this.tail = tail;
      this.persisted = persisted;
    }

    int number() {
      return number;
    }

    String name() {
      return name;
    }

    /// The log that takes its changes.
    LogTail tail() {
      return tail;
    }

    /// Whether the disk knows its number.
    boolean isPersisted() {
      return persisted;
    }

    void persisted() {
      persisted = true;
    }
  }
}
