// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.follow;

import io.freshet.engine.command.Interest;
import io.freshet.protocol.Change;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Operation;
import io.freshet.protocol.Position;
import io.freshet.spi.LogState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// How far the logs have been published, and their newest changes: what a follower that comes from
/// a little behind has missed. Published is what the store's feeds have brought; the store itself
/// may be ahead.
///
/// Threading: the engine's thread only.
public final class Journal {
  /// What a change takes besides its data, roughly, in bytes.
  private static final long CHANGE_BYTES = 300;

  private final FollowOptions options;

  /// By name.
  private final Map<String, Log> logs = new TreeMap<>();

  public Journal(FollowOptions options) {
    this.options = options;
  }

  private static final class Log {
    private long epoch;
    private long head;
    private EventId headId;

    /// The newest published changes without a gap, oldest first, up to `head`.
    private final ArrayDeque<Change> recent = new ArrayDeque<>();

    private long recentBytes;

    /// Who waits for what the store has told of and the feed has not brought yet. Bounded by the
    /// commands under way.
    private List<Waiting> waiting = new ArrayList<>(0);

    Log(long epoch, long head, EventId headId) {
      this.epoch = epoch;
      this.head = head;
      this.headId = headId;
    }
  }

  private record Waiting(long offset, Runnable task) {}

  /// From where on the log is published.
  public void begin(LogState state) {
    logs.put(state.log().name(), new Log(state.epoch(), state.head(), state.headId()));
  }

  /// Takes changes of one log that are being published, in order.
  public void published(List<Change> changes) {
    for (Change change : changes) {
      Position position = change.position();
      Log log =
          logs.computeIfAbsent(
              position.log().name(), name -> new Log(position.epoch(), 0, EventId.NONE));
      if (position.epoch() != log.epoch || position.offset() != log.head + 1) {
        log.recent.clear();
        log.recentBytes = 0;
      }
      log.epoch = position.epoch();
      log.head = position.offset();
      log.headId = change.id();
      log.recent.add(change);
      log.recentBytes += bytesOf(change);
      trim(log);
    }
  }

  private void trim(Log log) {
    while (log.recent.size() > options.recentChangesMax()
        || log.recentBytes > options.recentBytesMax()) {
      log.recentBytes -= bytesOf(log.recent.remove());
    }
  }

  private static long bytesOf(Change change) {
    return CHANGE_BYTES + change.after().data().encodedBytes();
  }

  /// Lets those go on that waited for what is published now.
  public void settle() {
    for (Log log : logs.values()) {
      if (!log.waiting.isEmpty()) {
        List<Waiting> all = log.waiting;
        log.waiting = new ArrayList<>(0);
        for (Waiting each : all) {
          if (each.offset <= log.head) {
            each.task.run();
          } else {
            log.waiting.add(each);
          }
        }
      }
    }
  }

  /// The last published change of each log; of a log without any, the place before its first one.
  List<EventId> position() {
    return logs.values().stream().map(log -> log.headId).toList();
  }

  @Nullable EventId headId(LogId log) {
    Log known = logs.get(log.name());
    return known == null ? null : known.headId;
  }

  /// Whether everything up to this place is published; so it is in an epoch that is over.
  boolean covers(Position place) {
    Log log = logs.get(place.log().name());
    return log == null || place.epoch() != log.epoch || place.offset() <= log.head;
  }

  /// Runs the task once everything up to these places is published: now if it is.
  public void whenCovered(Collection<Position> places, Runnable task) {
    for (Position place : places) {
      Log log = logs.get(place.log().name());
      if (log != null && !covers(place)) {
        log.waiting.add(new Waiting(place.offset(), () -> whenCovered(places, task)));
        return;
      }
    }
    task.run();
  }

  /// The changes of the interest that were published after this place, without openings; null when
  /// they are not all in memory.
  @Nullable List<Change> since(Position place, Interest interest) {
    Log log = logs.get(place.log().name());
    if (log == null || place.epoch() != log.epoch) {
      return null;
    }
    if (place.offset() >= log.head) {
      return List.of();
    }
    Change oldest = log.recent.peek();
    if (oldest == null || oldest.position().offset() > place.offset() + 1) {
      return null;
    }
    var found = new ArrayList<Change>();
    Iterator<Change> backwards = log.recent.descendingIterator();
    for (Change each = backwards.next();
        each.position().offset() > place.offset();
        each = backwards.next()) {
      if (isOf(interest, each)) {
        found.add(each);
      }
      if (!backwards.hasNext()) {
        break;
      }
    }
    return found.reversed();
  }

  static boolean isOf(Interest interest, Change change) {
    String collection = interest.collection();
    return change.operation() != Operation.OPEN
        && (collection == null || collection.equals(change.key().collection()));
  }
}
