// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.follow;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.Interest;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Principal;
import io.freshet.protocol.Change;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Lets sessions begin to follow. Looking up their places may take its time; then, in one step,
/// what they have missed is taken from the journal and they are registered.
final class Follows {
  private final Followers followers;
  private final Journal journal;
  private final Places places;
  private final Permission permission;
  private final StoreReads reads;
  private final Rows rows;
  private final Outbox outbox;

  /// Those that have not been answered; bounded by the commands under way.
  private final Map<Session, List<Beginning>> beginnings = new HashMap<>();

  Follows(
      CollectionReads.Surroundings given,
      Followers followers,
      Journal journal,
      StoreReads reads,
      Permission permission,
      Rows rows) {
    this.followers = followers;
    this.journal = journal;
    this.places = new Places(given.store());
    this.permission = permission;
    this.reads = reads;
    this.rows = rows;
    this.outbox = given.outbox();
  }

  void follow(Command.Follow command) {
    var beginning = new Beginning(command);
    beginnings
        .computeIfAbsent(command.replyTo().session(), session -> new ArrayList<>(1))
        .add(beginning);
    beginning.ask(beginning::locate);
  }

  void unfollow(Session session, Interest interest) {
    for (Beginning each : beginnings.getOrDefault(session, List.of())) {
      each.revoked |= each.command.interest().equals(interest);
    }
    followers.remove(session, interest);
  }

  void leave(Session session) {
    for (Beginning each : beginnings.getOrDefault(session, List.of())) {
      each.revoked = true;
    }
    followers.leave(session);
  }

  private final class Beginning {
    private final Command.Follow command;

    /// Whether it has been ended before it began.
    private boolean revoked;

    /// Whether each document has to be judged, by the rules of `epoch`.
    private boolean each;

    private long epoch;

    Beginning(Command.Follow command) {
      this.command = command;
    }

    private Principal principal() {
      return command.replyTo().session().principal();
    }

    /// @param then runs if it is allowed
    void ask(Runnable then) {
      epoch = permission.epoch();
      permission.toFollow(
          principal(),
          command.interest(),
          judged -> {
            each = judged;
            then.run();
          },
          this::answer);
    }

    /// Whoever comes from a little behind need not ask the store.
    void locate() {
      var known = new ArrayList<Position>();
      for (EventId each : command.after()) {
        Position place = journal.find(each);
        if (place == null) {
          lookUp();
          return;
        }
        known.add(place);
      }
      begin(earliest(known));
    }

    private void lookUp() {
      reads.read(
          () -> earliest(command.after().stream().map(id -> places.find(id).position()).toList()),
          found -> journal.whenCovered(found, () -> begin(found)),
          this::answer);
    }

    /// One place in each log.
    private static Collection<Position> earliest(List<Position> places) {
      var found = new HashMap<LogId, Position>();
      for (Position each : places) {
        found.merge(each.log(), each, (one, other) -> one.offset() <= other.offset() ? one : other);
      }
      return List.copyOf(found.values());
    }

    /// The rules may have been replaced meanwhile.
    private void begin(Collection<Position> from) {
      if (epoch != permission.epoch()) {
        ask(() -> begin(from));
        return;
      }
      List<Change> missed = missed(from);
      if (missed == null) {
        answer(Outcome.Behind.BEHIND);
        return;
      }
      if (!revoked) {
        followers.add(command.replyTo().session(), command.interest(), each);
      }
      List<Change> shown =
          each ? rows.show(principal(), command.interest().face(), missed) : missed;
      answer(new Outcome.Following(shown, journal.position()));
    }

    private @Nullable List<Change> missed(Collection<Position> from) {
      var all = new ArrayList<Change>();
      for (Position each : from) {
        List<Change> since = journal.since(each, command.interest());
        if (since == null) {
          return null;
        }
        all.addAll(since);
      }
      if (from.size() > 1) {
        all.sort(Comparator.comparing(Change::id));
      }
      return all;
    }

    private void answer(Outcome outcome) {
      beginnings.computeIfPresent(
          command.replyTo().session(),
          (session, all) -> all.remove(this) && all.isEmpty() ? null : all);
      outbox.answer(command.replyTo(), outcome);
    }
  }
}
