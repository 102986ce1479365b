// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The collections that were ever written, and their numbers on disk.
///
/// **Threads.** Who adds or moves has the commit lock (or is recovery); any thread looks up.
final class Collections {
  private final Map<String, Collection> byName = new ConcurrentHashMap<>();
  private final Map<Integer, Collection> byNumber = new ConcurrentHashMap<>();
  private final Function<String, LogTail> tails;
  private int lastNumber;

  /// @param tails the log of a collection
  Collections(Function<String, LogTail> tails) {
    this.tails = tails;
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

  /// Whether any known collection's name is one of those.
  boolean any(Predicate<String> names) {
    return byName.keySet().stream().anyMatch(names);
  }

  /// Lets every collection go on in the log that is its own by now. No log may be behind the
  /// documents.
  void moveAll() {
    byName.values().forEach(collection -> collection.tail = tails.apply(collection.name));
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
    private volatile LogTail tail;
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
