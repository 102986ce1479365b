// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import io.freshet.engine.feed.ListenSignal;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Face;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.Principal;
import io.freshet.engine.guard.Standing;
import io.freshet.engine.guard.Standings;
import io.freshet.engine.guard.Subject;
import io.freshet.engine.listen.Backlog.Job;
import io.freshet.engine.listen.Listener.Party;
import io.freshet.engine.listen.Search.Phase;
import io.freshet.engine.pattern.NamePattern;
import io.freshet.engine.pattern.NamePattern.Trial;
import io.freshet.engine.pattern.NamePattern.Verdict;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Which session provides which watched name, for one topic (protocol reference, section 8).
///
/// A watched name is offered to the listeners of matching patterns, one at a time, until one
/// accepts. When nobody does, it is offered again to a new matching listener, and to all of them
/// after the rematch interval. When a provider leaves, the search begins again.
///
/// Cost: a name nobody listens to is a member of a set and nothing else. Trying a new pattern on
/// many names, a name on many patterns, and releasing the names of a provider that left, go on in
/// slices: each call does at most a slice's work at once, the rest follows in tasks with a pause
/// between them ([Pace]), so that other work gets its turn in between. Names and patterns may come
/// and go meanwhile; each listener is offered exactly the names it would have been offered had
/// everything happened at once.
///
/// Threading: everything on the engine's thread. The signals must not call back.
public final class Listening {
  /// How the answers get out, in feed order.
  public interface Signals {
    void toListener(Session session, ListenSignal signal);

    /// To every session that watches the name.
    void providerChanged(DocumentKey key, boolean hasProvider);

    /// The session may not listen any more.
    default void noMore(Session session, String pattern, ErrorCode code, String message) {}
  }

  private static final int NAME_COST = 8;
  private static final int SIGNAL_COST = 64;

  private final Signals signals;
  private final ListenOptions options;
  private final RandomGenerator random;
  private final Backlog backlog;
  private final Questions questions;
  private final Rematches rematches;
  private final WatchedNames names;
  private final Patterns patterns = new Patterns();
  private final Map<Session, Party> parties = new HashMap<>();
  private final Map<DocumentKey, Search> searches = new HashMap<>();

  /// See [Listener#number].
  private long lastNumber;

  private long abandoned;

  /// @param random orders the candidates if the options say so, and keeps hashes secret
  public Listening(Signals signals, Timers timers, ListenOptions options, RandomGenerator random) {
    this(signals, timers, options, random, Pace.DEFAULT);
  }

  Listening(
      Signals signals, Timers timers, ListenOptions options, RandomGenerator random, Pace pace) {
    this.signals = signals;
    this.options = options;
    this.random = random;
    this.backlog = new Backlog(timers, pace);
    this.rematches = new Rematches(timers, options.rematchInterval(), this::rematch);
    this.questions = new Questions(signals, timers, options, pace, rematches::add);
    this.names = new WatchedNames(random.nextLong());
  }

  /// The name has its first watcher.
  public void watched(DocumentKey key) {
    if (names.add(key)) {
      begin(new Search(key));
      backlog.run();
    }
  }

  /// The name has lost its last watcher. A provider is told, and so is a listener that was asked
  /// and has not answered yet.
  public void unwatched(DocumentKey key) {
    names.remove(key);
    Search search = searches.remove(key);
    if (search == null) {
      return;
    }
    Job gathering = search.gathering;
    if (gathering != null) {
      backlog.remove(gathering);
    }
    rematches.remove(search);
    questions.end(search);
  }

  public boolean hasProvider(DocumentKey key) {
    Search search = searches.get(key);
    return search != null && search.phase == Phase.PROVIDED && !search.current().gone;
  }

  /// Registers a session as a candidate for the names a pattern matches, those that are watched now
  /// and have no provider included. Doing it again changes nothing.
  ///
  /// @param pattern a JavaScript regular expression, see [NamePattern]
  /// @throws FreshetException `INVALID_PATTERN` or `LIMIT_REACHED`
  public void listen(Session session, String pattern) {
    Party known = parties.get(session);
    if (known != null && known.listeners.containsKey(pattern)) {
      return;
    }
    if (known != null && known.listeners.size() >= options.patternsMax()) {
      throw new FreshetException(
          ErrorCode.LIMIT_REACHED,
          "A connection may listen to at most " + options.patternsMax() + " patterns");
    }
    PatternEntry entry = patterns.entry(pattern);
    Party party = parties.computeIfAbsent(session, Party::new);
    var listener = new Listener(party, entry, ++lastNumber);
    entry.listeners.add(listener);
    party.listeners.put(pattern, listener);
    var replay = new Replay(listener);
    listener.stopReplay = replay::stop;
    backlog.add(replay);
    backlog.run();
  }

  /// Withdraws it. The names the session provided because of this pattern look for another
  /// provider.
  public void unlisten(Session session, String pattern) {
    Party party = parties.get(session);
    Listener listener = party == null ? null : party.listeners.remove(pattern);
    if (party == null || listener == null) {
      return;
    }
    if (party.listeners.isEmpty()) {
      parties.remove(session);
    }
    withdraw(listener);
    backlog.run();
  }

  /// A listener's answer. Ignored unless the session was asked about this name because of this
  /// pattern. A provider that rejects afterwards gives the name up.
  public void answer(Session session, String pattern, String name, boolean accept) {
    Party party = parties.get(session);
    Listener listener = party == null ? null : party.listeners.get(pattern);
    Search search = listener == null ? null : searchFor(name);
    if (listener != null && search != null && questions.answer(search, listener, accept)) {
      begin(search);
      backlog.run();
    }
  }

  private @Nullable Search searchFor(String name) {
    try {
      return searches.get(DocumentKey.ofRecordName(name));
    } catch (FreshetException notAName) {
      return null;
    }
  }

  /// Everything that is listened to.
  ///
  /// @param action that allows it
  public Iterator<Standing> standings(GuardAction action) {
    return new Standings<>(
        parties.values(),
        party ->
            List.copyOf(party.listeners.values()).stream()
                .map(listener -> new Registered(listener, action))
                .toList());
  }

  private final class Registered implements Standing {
    private final Listener listener;
    private final GuardAction action;

    Registered(Listener listener, GuardAction action) {
      this.listener = listener;
      this.action = action;
    }

    @Override
    public Principal principal() {
      return listener.party.session.principal();
    }

    @Override
    public Face face() {
      return Face.RECORDS;
    }

    @Override
    public GuardAction action() {
      return action;
    }

    @Override
    public @Nullable Subject subject() {
      return listener.gone ? null : new Subject.OfName(listener.entry.pattern.text(), null);
    }

    @Override
    public void refused(ErrorCode code, String message) {
      String pattern = listener.entry.pattern.text();
      unlisten(listener.party.session, pattern);
      signals.noMore(listener.party.session, pattern, code, message);
    }
  }

  /// The session is gone.
  public void leave(Session session) {
    Party party = parties.remove(session);
    if (party != null) {
      party.listeners.values().forEach(this::withdraw);
      backlog.run();
    }
  }

  /// The names this instance knows to be watched, for tests and metrics.
  public List<DocumentKey> watchedKeys() {
    return names.toList();
  }

  /// How many times a pattern used up its steps on a name and was taken not to match, for metrics.
  public long abandonedMatches() {
    return abandoned;
  }

  private void withdraw(Listener listener) {
    listener.gone = true;
    Runnable stopReplay = listener.stopReplay;
    if (stopReplay != null) {
      stopReplay.run();
    }
    PatternEntry entry = listener.entry;
    entry.listeners.remove(listener);
    if (entry.listeners.isEmpty()) {
      patterns.remove(entry);
    }
    if (!listener.engaged.isEmpty()) {
      backlog.add(() -> release(listener));
    }
  }

  private long release(Listener gone) {
    if (gone.engaged.isEmpty()) {
      return 0;
    }
    Search search = gone.engaged.getFirst();
    if (questions.withdraw(search)) {
      begin(search);
    }
    return SIGNAL_COST;
  }

  /// Begins to look for candidates, from the first.
  private void begin(Search search) {
    search.phase = Phase.GATHERING;
    search.number = ++lastNumber;
    List<PatternEntry[]> near = patterns.near(search.key);
    if (near.isEmpty()) {
      forget(search);
      return;
    }
    searches.put(search.key, search);
    var gathering = new Gathering(search, near);
    search.gathering = gathering;
    backlog.add(gathering);
  }

  /// The name stays in the set of names, as one nobody listens to.
  private void forget(Search search) {
    search.phase = Phase.OVER;
    searches.remove(search.key);
    rematches.remove(search);
  }

  private void gathered(Search search, List<Listener> candidates) {
    search.gathering = null;
    if (candidates.isEmpty() && search.candidates.isEmpty()) {
      forget(search);
      return;
    }
    if (options.shuffleProviders()) {
      Collections.shuffle(candidates, random);
    } else {
      candidates.sort(Comparator.comparingLong(listener -> listener.number));
    }
    questions.begin(search, candidates);
  }

  private void rematch(SequencedSet<Search> due) {
    backlog.add(() -> {
      if (due.isEmpty()) {
        return 0;
      }
      Search search = due.removeFirst();
      search.batch = null;
      if (search.phase == Phase.EXHAUSTED) {
        begin(search);
      }
      return SIGNAL_COST;
    });
    backlog.run();
  }

  private boolean matched(Trial trial) {
    if (trial.verdict() == Verdict.GIVEN_UP) {
      abandoned++;
    }
    return trial.verdict() == Verdict.MATCHES;
  }

  /// Tries the patterns there were when the search began, one a step.
  private final class Gathering implements Job {
    private final Search search;
    private final String name;
    private final List<PatternEntry[]> groups;
    private final List<Listener> candidates = new ArrayList<>();
    private int group;
    private int next;

    Gathering(Search search, List<PatternEntry[]> groups) {
      this.search = search;
      this.name = search.key.recordName();
      this.groups = groups;
    }

    @Override
    public long step() {
      while (group < groups.size() && next == groups.get(group).length) {
        group++;
        next = 0;
      }
      if (group == groups.size()) {
        gathered(search, candidates);
        return 0;
      }
      PatternEntry entry = groups.get(group)[next++];
      if (entry.listeners.isEmpty()) {
        return 1;
      }
      Trial trial = entry.pattern.match(name);
      if (matched(trial)) {
        addListeners(entry);
      }
      return SIGNAL_COST + trial.steps();
    }

    /// Later listeners come by their own [Replay].
    private void addListeners(PatternEntry entry) {
      for (Listener listener : entry.listeners) {
        if (listener.number < search.number) {
          candidates.add(listener);
        }
      }
    }
  }

  /// Offers a new listener the names that were watched before it came, one a step.
  private final class Replay implements Job {
    private final Listener listener;
    private final WatchedNames.Walk walk = names.walk();

    Replay(Listener listener) {
      this.listener = listener;
    }

    @Override
    public long step() {
      DocumentKey key = walk.next();
      if (key == null) {
        stop();
        return 0;
      }
      Trial trial = listener.entry.pattern.match(key.recordName());
      if (matched(trial)) {
        offer(key);
      }
      return NAME_COST + trial.steps();
    }

    /// A search that began after the listener came knows it already.
    private void offer(DocumentKey key) {
      Search search = searches.get(key);
      if (search == null) {
        begin(new Search(key));
      } else if (search.number < listener.number && search.phase != Phase.PROVIDED) {
        questions.offer(search, listener);
      }
    }

    void stop() {
      walk.close();
      backlog.remove(this);
      listener.stopReplay = null;
    }
  }
}
