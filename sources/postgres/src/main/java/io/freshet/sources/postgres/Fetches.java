// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Rows that were asked for and do not stand in the log yet. A row that several ask for is read
/// once. Not for several threads, but futures may be completed by any.
final class Fetches {
  /// Most rows that wait; further ones are refused.
  private static final int WAITING_MAX = 10_000;

  /// How often a row is read again because it changed meanwhile; then its last change is what there
  /// is of it.
  private static final int TRIES = 3;

  private final LinkedHashMap<DocumentKey, Wanted> wanted = new LinkedHashMap<>();

  private static final class Wanted {
    private final List<Call> calls = new ArrayList<>();
    private int tries;
  }

  private static final class Call {
    private final CompletableFuture<Void> future;
    private int missing;

    Call(CompletableFuture<Void> future, int missing) {
      this.future = future;
      this.missing = missing;
    }
  }

  /// @param keys each once, at least one
  void add(List<DocumentKey> keys, CompletableFuture<Void> future) {
    if (wanted.size() + keys.size() > WAITING_MAX) {
      future.completeExceptionally(
          new FreshetException(
              ErrorCode.UNAVAILABLE,
              "Too many rows that are not held are being asked for; try again"));
      return;
    }
    var call = new Call(future, keys.size());
    for (DocumentKey key : keys) {
      wanted.computeIfAbsent(key, _ -> new Wanted()).calls.add(call);
    }
  }

  /// Those that wait longest, in order; nobody waits for what is left out.
  List<DocumentKey> next(int max) {
    wanted.values().removeIf(row -> row.calls.stream().allMatch(call -> call.future.isDone()));
    return wanted.keySet().stream().limit(max).toList();
  }

  boolean isEmpty() {
    return wanted.isEmpty();
  }

  /// A row was read, and changed meanwhile.
  ///
  /// @return whether that was once too often: what its change tells has to do
  boolean isGivenUp(DocumentKey key) {
    Wanted row = wanted.get(key);
    return row == null || ++row.tries >= TRIES;
  }

  /// What the row is stands in the log.
  void settled(DocumentKey key) {
    Wanted row = wanted.remove(key);
    if (row != null) {
      for (Call call : row.calls) {
        if (--call.missing == 0) {
          call.future.complete(null);
        }
      }
    }
  }

  /// It cannot be read, and whoever asked for it is told why.
  void refused(DocumentKey key, FreshetException why) {
    Wanted row = wanted.remove(key);
    if (row != null) {
      row.calls.forEach(call -> call.future.completeExceptionally(why));
    }
  }

  void failAll(FreshetException reason) {
    for (Wanted row : wanted.values()) {
      row.calls.forEach(call -> call.future.completeExceptionally(reason));
    }
    wanted.clear();
  }
}
