// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import io.freshet.engine.feed.ListenSignal;
import io.freshet.engine.listen.Listener.Party;
import io.freshet.engine.listen.Search.Phase;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;

/// Asks the candidates of a search one after the other until one provides the name.
final class Questions {
  private final Listening.Signals signals;
  private final Timers timers;
  private final ListenOptions options;
  private final int questionsMax;
  private final Consumer<Search> exhausted;

  /// @param exhausted called when the last candidate of a search did not want the name
  Questions(
      Listening.Signals signals,
      Timers timers,
      ListenOptions options,
      Pace pace,
      Consumer<Search> exhausted) {
    this.signals = signals;
    this.timers = timers;
    this.options = options;
    this.questionsMax = pace.questionsMax();
    this.exhausted = exhausted;
  }

  /// The candidates are known. Those that registered meanwhile stand behind them.
  void begin(Search search, List<Listener> candidates) {
    var all = new ArrayDeque<>(candidates);
    all.addAll(search.candidates);
    search.candidates = all;
    askNext(search);
  }

  /// One more candidate.
  void offer(Search search, Listener candidate) {
    search.candidates.add(candidate);
    if (search.phase == Phase.EXHAUSTED) {
      askNext(search);
    }
  }

  private void askNext(Search search) {
    search.candidates.removeIf(candidate -> candidate.gone);
    Listener next = search.candidates.peek();
    if (next == null) {
      search.phase = Phase.EXHAUSTED;
      search.candidates = new ArrayDeque<>(0);
      exhausted.accept(search);
      return;
    }
    for (Listener candidate : search.candidates) {
      if (hasRoom(candidate.party)) {
        next = candidate;
        break;
      }
    }
    search.candidates.remove(next);
    search.current = next;
    next.engaged.add(search);
    if (hasRoom(next.party)) {
      ask(search, next);
    } else {
      search.phase = Phase.WAITING;
      next.party.waiting.add(search);
    }
  }

  private boolean hasRoom(Party party) {
    return party.questions < questionsMax;
  }

  private void ask(Search search, Listener listener) {
    search.phase = Phase.ASKED;
    int question = ++search.question;
    listener.party.questions++;
    signal(ListenSignal.Kind.FOUND, search, listener);
    search.timer =
        timers.after(
            options.responseTimeout(),
            () -> {
              if (search.phase == Phase.ASKED && search.question == question) {
                timedOut(search, listener);
              }
            });
  }

  private void timedOut(Search search, Listener listener) {
    signal(ListenSignal.Kind.TIMED_OUT, search, listener);
    disengage(search);
    askNext(search);
  }

  /// The answer of a session that is, or just was, asked about this name.
  ///
  /// A provider may still reject: when a name lost and regained its watchers while the first
  /// question was on its way, the answer to that was taken for the answer to the second question,
  /// and the last word counts.
  ///
  /// @return whether a provider gave the name up, so that a new search is due
  boolean answer(Search search, Listener listener, boolean accept) {
    if (search.current != listener) {
      return false;
    }
    if (search.phase == Phase.ASKED && accept) {
      search.phase = Phase.PROVIDED;
      search.candidates = new ArrayDeque<>(0);
      signals.providerChanged(search.key, true);
      closeQuestion(search, listener);
    } else if (search.phase == Phase.ASKED) {
      disengage(search);
      askNext(search);
    } else if (search.phase == Phase.PROVIDED && !accept) {
      return withdraw(search);
    }
    return false;
  }

  /// Whoever is engaged in the search is no longer.
  ///
  /// @return whether it was the provider, so that a new search is due
  boolean withdraw(Search search) {
    Phase before = search.phase;
    disengage(search);
    if (before == Phase.PROVIDED) {
      signals.providerChanged(search.key, false);
      return true;
    }
    askNext(search);
    return false;
  }

  /// Nobody watches the name any more.
  void end(Search search) {
    Listener listener = search.current;
    if (listener != null) {
      if (search.phase != Phase.WAITING) {
        signal(ListenSignal.Kind.REMOVED, search, listener);
      }
      disengage(search);
    }
    search.phase = Phase.OVER;
  }

  private void disengage(Search search) {
    Listener listener = search.current();
    search.current = null;
    listener.engaged.remove(search);
    switch (search.phase) {
      case WAITING -> listener.party.waiting.remove(search);
      case ASKED -> closeQuestion(search, listener);
      case GATHERING, PROVIDED, EXHAUSTED, OVER -> {}
    }
    search.phase = Phase.GATHERING;
  }

  private void closeQuestion(Search search, Listener listener) {
    Runnable cancel = search.timer;
    if (cancel != null) {
      cancel.run();
      search.timer = null;
    }
    Party party = listener.party;
    party.questions--;
    while (hasRoom(party) && !party.waiting.isEmpty()) {
      Search next = party.waiting.removeFirst();
      if (!next.current().gone) {
        ask(next, next.current());
      }
    }
  }

  private void signal(ListenSignal.Kind kind, Search search, Listener listener) {
    if (!listener.gone) {
      signals.toListener(
          listener.party.session,
          new ListenSignal(kind, listener.entry.pattern.text(), search.key.recordName()));
    }
  }
}
