// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.LogId;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.Durability;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// The logs there are, and which of them takes a collection's changes: the one of the source that
/// claims it, else the one of its level.
///
/// **Threads.** Who adds or claims has the commit lock (or is recovery); any thread looks up.
final class Logs {
  private final RocksStoreOptions options;
  private final Map<Durability, LogTail> byLevel = new EnumMap<>(Durability.class);
  private final List<LogTail> all = new CopyOnWriteArrayList<>();
  private volatile Map<String, LogTail> claims = Map.of();

  Logs(RocksStoreOptions options) {
    this.options = options;
  }

  /// While the store is being opened.
  void add(Durability level, LogTail tail) {
    byLevel.put(level, tail);
    all.add(tail);
  }

  void addSource(LogTail tail) {
    all.add(tail);
  }

  /// Every log, also those that are added later.
  List<LogTail> all() {
    return all;
  }

  @Nullable LogTail find(int number) {
    for (LogTail tail : all) {
      if (tail.number() == number) {
        return tail;
      }
    }
    return null;
  }

  /// @throws FreshetException `NOT_FOUND`
  LogTail named(LogId id) {
    for (LogTail tail : all) {
      if (tail.id().equals(id)) {
        return tail;
      }
    }
    throw new FreshetException(ErrorCode.NOT_FOUND, "There is no log " + id);
  }

  /// The log that takes the collection's changes.
  LogTail of(String collection) {
    LogTail claimed = claims.get(collection);
    if (claimed != null) {
      return claimed;
    }
    LogTail tail = byLevel.get(options.durabilityOf(collection));
    if (tail == null) {
      throw new IllegalStateException("No log takes " + collection);
    }
    return tail;
  }

  /// The collections a source claims.
  @SuppressWarnings("ReferenceEquality") // there is one object per log
  Set<String> claimedBy(LogTail source) {
    var names = new HashSet<String>();
    claims.forEach((name, tail) -> {
      if (tail == source) {
        names.add(name);
      }
    });
    return names;
  }

  /// The source claims exactly these from now on, whoever did before.
  @SuppressWarnings("ReferenceEquality") // there is one object per log
  void claim(LogTail source, Set<String> collections) {
    var next = new HashMap<>(claims);
    next.values().removeIf(tail -> tail == source);
    collections.forEach(name -> next.put(name, source));
    claims = Map.copyOf(next);
  }
}
