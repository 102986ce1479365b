// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.LogId;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.LogState;
import io.freshet.testkit.FaultyStore;
import io.freshet.testkit.Writes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Several logs under faults, and what they have told in truth.
final class ToldLogs {
  final SeveralLogs logs;
  final FaultyStore store;
  private final Map<LogId, List<Change>> truth = new HashMap<>();

  ToldLogs(String... collections) {
    logs = SeveralLogs.of(collections);
    store = new FaultyStore(logs);
    store.logs().forEach(log -> record(log.log()));
  }

  /// All that the log has told, but what it has lost.
  List<Change> told(LogId log) {
    return truth.getOrDefault(log, List.of());
  }

  /// Loses the newest changes, and begins a new epoch.
  void lose(LogState state, String collection, int newest) {
    logs.memory(collection).loseAndBeginEpoch(newest);
    List<Change> told = truth.getOrDefault(state.log(), List.of());
    told.subList(told.size() - newest, told.size()).clear();
    record(state.log());
  }

  /// Another writer than the engine.
  void foreignWrite(DocumentKey key, Random random) {
    Document current = store.load(List.of(key)).toCompletableFuture().join().getFirst();
    try {
      var write =
          current.isRecord()
              ? Writes.set(current, "foreign", "" + random.nextInt(100))
              : Writes.open(current);
      var unused = store.commit(List.of(write));
    } catch (FreshetException failureWasDue) {
      // The fault asked for hit this writer instead of the engine.
    }
  }

  /// Writes down what the log tells from now on.
  private void record(LogId log) {
    List<Change> told = truth.computeIfAbsent(log, each -> new ArrayList<>());
    logs.feed(log, state(log).head() + 1, (each, changes) -> told.addAll(changes));
  }

  LogState state(LogId log) {
    return store.logs().stream().filter(each -> each.log().equals(log)).findFirst().orElseThrow();
  }
}
