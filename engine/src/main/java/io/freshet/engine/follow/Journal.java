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
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
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

    private final Recent recent;

    /// Who waits for what the store has told of and the feed has not brought yet. Bounded by the
    /// commands under way.
    private List<Waiting> waiting = new ArrayList<>(0);

    Log(long epoch, long head, EventId headId, FollowOptions options) {
      this.epoch = epoch;
      this.head = head;
      this.headId = headId;
      this.recent = new Recent(options);
    }

    private Position at(LogId id, long offset) {
      return new Position(id, epoch, offset);
    }
  }

  private record Waiting(long offset, Runnable task) {}

  /// From where on the log is published.
  public void begin(LogState state) {
    logs.put(state.log().name(), new Log(state.epoch(), state.head(), state.headId(), options));
  }

  /// Takes changes of one log that are being published, in order.
  public void published(List<Change> changes) {
    if (changes.isEmpty()) {
      return;
    }
    Position first = changes.getFirst().position();
    Log log =
        logs.computeIfAbsent(
            first.log().name(), name -> new Log(first.epoch(), 0, EventId.NONE, options));
    for (Change change : changes) {
      log.epoch = change.position().epoch();
      log.head = change.position().offset();
      log.headId = change.id();
      log.recent.add(change);
    }
  }

  /// Where the change with this id stands, or the log's head; null unless it is in memory.
  @Nullable Position find(EventId id) {
    for (Map.Entry<String, Log> each : logs.entrySet()) {
      Log log = each.getValue();
      var name = new LogId(each.getKey());
      if (id.equals(log.headId)) {
        return log.at(name, log.head);
      }
      if (log.recent.holds(id.offset()) && log.recent.get(id.offset()).id().equals(id)) {
        return log.at(name, id.offset());
      }
    }
    return null;
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
  public List<EventId> position() {
    return logs.values().stream().map(log -> log.headId).toList();
  }

  /// [#position] by log.
  public Map<LogId, EventId> heads() {
    var heads = new HashMap<LogId, EventId>();
    logs.forEach((name, log) -> heads.put(new LogId(name), log.headId));
    return heads;
  }

  /// Null while nothing is known of the log.
  public @Nullable EventId headId(LogId log) {
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
    if (!log.recent.holds(place.offset() + 1)) {
      return null;
    }
    var found = new ArrayList<Change>();
    for (long offset = place.offset() + 1; offset <= log.head; offset++) {
      Change change = log.recent.get(offset);
      if (isOf(interest, change)) {
        found.add(change);
      }
    }
    return found;
  }

  static boolean isOf(Interest interest, Change change) {
    String collection = interest.collection();
    return change.operation() != Operation.OPEN
        && (collection == null || collection.equals(change.key().collection()));
  }
}
