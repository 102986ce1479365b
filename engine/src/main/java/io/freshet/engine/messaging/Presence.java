// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.messaging;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Audience;
import io.freshet.engine.feed.Ended;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Outcome.PerName;
import io.freshet.engine.feed.Outcome.Refused;
import io.freshet.engine.feed.Outlet;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.Standing;
import io.freshet.engine.guard.Standings;
import io.freshet.engine.guard.Subject;
import io.freshet.spi.Authenticator;
import io.freshet.spi.Bus;
import io.freshet.spi.Bus.Roster;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Which users are there, and who is told.
///
/// A user is there while any node has a connection of it: each node counts its own and stands for
/// the user on the bus from the first to the last. What sessions are told follows from the rosters
/// alone, so a node that is gone takes its users with it.
///
/// A login that names nobody, [Authenticator#ANONYMOUS], is no user.
final class Presence {
  private final Gate gate;
  private final Bus bus;
  private final Outbox outbox;
  private final Rosters rosters;
  private final Set<Session> joined = new HashSet<>();

  /// Connections per user on this node.
  private final Map<String, Integer> connections = new HashMap<>();

  private final Audience everybodysWatchers = new Audience();
  private final SessionsByName<Audience> watchers = new SessionsByName<>(Audience::new);

  /// Everybody there, made when somebody asks; null after a change.
  private @Nullable Set<String> everybody;

  Presence(Gate gate, Bus bus, Outbox outbox, Rosters rosters) {
    this.gate = gate;
    this.bus = bus;
    this.outbox = outbox;
    this.rosters = rosters;
  }

  void join(Session session) {
    String user = session.principal().id();
    if (user.equals(Authenticator.ANONYMOUS) || !joined.add(session)) {
      return;
    }
    if (connections.merge(user, 1, Integer::sum) == 1) {
      bus.enter(Roster.USERS, user);
    }
  }

  void leave(Session session) {
    watchers.leave(session);
    everybodysWatchers.remove(session);
    if (!joined.remove(session)) {
      return;
    }
    String user = session.principal().id();
    if (connections.merge(user, -1, Presence::sumOrGone) == null) {
      bus.leave(Roster.USERS, user);
    }
  }

  private static @Nullable Integer sumOrGone(int one, int other) {
    return one + other == 0 ? null : one + other;
  }

  /// A user's first node came or its last one went.
  void changed(String user, boolean online) {
    everybody = null;
    Audience single = watchers.of(user);
    if (everybodysWatchers.isEmpty() && single == null) {
      return;
    }
    Set<Outlet> outlets = Collections.newSetFromMap(new IdentityHashMap<>());
    everybodysWatchers.forEachOutlet(outlets::add);
    if (single != null) {
      single.forEachOutlet(outlets::add);
    }
    var item = new FeedItem.PresenceChanged(user, online);
    outlets.forEach(outlet -> outbox.add(outlet, item));
  }

  void watch(Command.WatchPresence command) {
    Session session = command.session();
    if (command.users().isEmpty()) {
      gate.ask(
          session,
          GuardAction.PRESENCE,
          new Subject.OfName(null, null),
          refusal ->
              answerOne(
                  command,
                  refusal != null ? refusal : Gate.plain(everybodysWatchers.add(session))));
    } else {
      gate.forEach(
          command,
          GuardAction.PRESENCE,
          command.users(),
          user -> watchers.add(user, session),
          () -> {});
    }
  }

  void unwatch(Command.UnwatchPresence command) {
    Session session = command.session();
    if (command.users().isEmpty()) {
      answerOne(command, Gate.plain(everybodysWatchers.remove(session)));
    } else {
      gate.forEachUnasked(command, command.users(), user -> watchers.remove(user, session));
    }
  }

  /// Who is told of whom.
  Iterator<Standing> standings() {
    return Standings.all(
        List.of(
            watchers.standings((session, user) ->
                new Named(
                    session,
                    GuardAction.PRESENCE,
                    user,
                    () -> watchers.has(session, user),
                    () -> watchers.remove(user, session),
                    new Ended.Presence(user),
                    outbox)),
            new Standings<>(
                everybodysWatchers.sessions(),
                session ->
                    List.of(
                        new Named(
                            session,
                            GuardAction.PRESENCE,
                            null,
                            () -> everybodysWatchers.has(session),
                            () -> everybodysWatchers.remove(session),
                            new Ended.Presence(null),
                            outbox)))));
  }

  private void answerOne(Command.Answered command, Outcome.OfName result) {
    outbox.answer(command.replyTo(), new PerName(List.of(result)));
  }

  /// One user that may not be asked about refuses the whole question: an answer without it would
  /// say that it is not there.
  void query(Command.QueryPresence command) {
    var subjects = new ArrayList<Subject>();
    command.users().forEach(user -> subjects.add(new Subject.OfName(user, null)));
    if (subjects.isEmpty()) {
      subjects.add(new Subject.OfName(null, null));
    }
    Consumer<@Nullable Refused[]> answer =
        refusals -> {
          Refused refusal =
              Arrays.stream(refusals).filter(Objects::nonNull).findFirst().orElse(null);
          outbox.answer(command.replyTo(), refusal != null ? refusal : present(command.users()));
        };
    gate.askAll(command.session(), GuardAction.PRESENCE, subjects, answer);
  }

  private Outcome.Present present(List<String> asked) {
    Set<String> there = rosters.names(Roster.USERS);
    if (asked.isEmpty()) {
      Set<String> all = everybody;
      if (all == null) {
        all = Collections.unmodifiableSet(new HashSet<>(there));
        everybody = all;
      }
      return new Outcome.Present(all);
    }
    var found = new HashSet<>(asked);
    found.retainAll(there);
    return new Outcome.Present(Collections.unmodifiableSet(found));
  }

  /// Connections of this node that count as presence.
  int connections() {
    return joined.size();
  }

  boolean isEmpty() {
    return joined.isEmpty()
        && connections.isEmpty()
        && everybodysWatchers.isEmpty()
        && watchers.isEmpty();
  }
}
