// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.lease;

import io.freshet.engine.stream.Start;
import io.freshet.engine.stream.StreamFigures;
import io.freshet.engine.stream.StreamState;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Position;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.Cursor;
import io.freshet.spi.LogState;
import io.freshet.spi.Store;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The kept places as administrators see and change them. All of it may block.
///
/// Threading: any thread; what the engine alone knows is given along.
final class Keeping {
  private final Store store;
  private final Beginnings beginnings;

  Keeping(Store store, Beginnings beginnings) {
    this.store = store;
    this.beginnings = beginnings;
  }

  /// An open stream as it stood when the engine was asked.
  record Snapshot(
      @Nullable String name,
      String collection,
      EventId place,
      String client,
      StreamFigures figures) {
    Snapshot(Held held) {
      this(
          held.ticket.name(),
          held.ticket.collection(),
          held.place,
          held.holder.client(),
          held.holder.figures());
    }
  }

  /// Those with a name by name, then the others as they were opened.
  List<StreamState> list(List<Snapshot> open) {
    Map<LogId, LogState> logs = new HashMap<>();
    store.logs().forEach(log -> logs.put(log.log(), log));
    Map<String, Snapshot> byName = new HashMap<>();
    for (Snapshot each : open) {
      if (each.name != null) {
        byName.put(each.name, each);
      }
    }
    var states = new ArrayList<StreamState>();
    for (Cursor cursor : store.cursors().list()) {
      Snapshot holding = byName.get(cursor.name());
      states.add(
          holding != null
              ? state(holding, cursor.movedAtMs(), logs)
              : state(
                  cursor.name(), cursor.collection(), cursor.place(), cursor.movedAtMs(), logs));
    }
    for (Snapshot each : open) {
      if (each.name == null) {
        states.add(state(each, 0, logs));
      }
    }
    return states;
  }

  private StreamState state(Snapshot open, long movedAtMs, Map<LogId, LogState> logs) {
    StreamState kept = state(open.name, open.collection, open.place, movedAtMs, logs);
    return new StreamState(
        kept.name(),
        kept.collection(),
        kept.place(),
        kept.movedAtMs(),
        kept.lagEvents(),
        kept.lagBytes(),
        kept.lagMs(),
        open.client,
        open.figures);
  }

  private StreamState state(
      @Nullable String name,
      String collection,
      @Nullable EventId place,
      long movedAtMs,
      Map<LogId, LogState> logs) {
    Position position = place == null ? null : store.locate(place);
    LogState log = logs.get(position != null ? position.log() : store.logOf(collection));
    if (log == null) {
      return new StreamState(name, collection, place, movedAtMs, 0, 0, 0, null, null);
    }
    long held = log.head() - log.oldest() + 1;
    long behind =
        position != null && position.epoch() == log.epoch()
            ? Math.max(0, log.head() - position.offset())
            : held;
    double share = held == 0 ? 0 : (double) behind / held;
    long lagMs = behind == 0 || place == null ? 0 : log.headId().timeMs() - place.timeMs();
    return new StreamState(
        name,
        collection,
        place,
        movedAtMs,
        behind,
        Math.round(log.bytes() * share),
        Math.max(0, lagMs),
        null,
        null);
  }

  /// Places the cursor anew.
  ///
  /// @throws FreshetException `NOT_FOUND`, `SOURCE_GAP` or `CURSOR_EXPIRED`
  void reset(String name, Start start, Map<LogId, EventId> heads) {
    Cursor cursor = store.cursors().find(name);
    if (cursor == null) {
      throw notFound(name);
    }
    LogId log = store.logOf(cursor.collection());
    if (!store.cursors().reset(name, beginnings.start(log, start, heads))) {
      throw notFound(name);
    }
  }

  /// @throws FreshetException `NOT_FOUND`
  void delete(String name) {
    if (!store.cursors().delete(name)) {
      throw notFound(name);
    }
  }

  private static FreshetException notFound(String name) {
    return new FreshetException(ErrorCode.NOT_FOUND, "There is no stream named " + name);
  }
}
