// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.decide.Decider;
import io.freshet.engine.decide.Decision;
import io.freshet.engine.guard.Asking;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.Standing;
import io.freshet.engine.guard.Subject;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Asks about everything open again, because the rules have changed, and ends what is not allowed
/// any more. In slices, so that other work gets its turn in between.
///
/// Threading: the engine's thread only.
final class Rejudging {
  private static final int SLICE = 256;

  /// Questions that wait for documents at a time.
  private static final int WAITING_MAX = 256;

  private final Asking asking;
  private final Iterator<Standing> open;
  private final Consumer<Runnable> later;
  private final CompletableFuture<Integer> ended = new CompletableFuture<>();
  private final Runnable atEnd;
  private int waiting;
  private int refused;
  private boolean paused;
  private boolean given;

  /// @param later runs a task in a later turn
  /// @param atEnd runs when everything has been asked about
  Rejudging(Asking asking, Iterator<Standing> open, Consumer<Runnable> later, Runnable atEnd) {
    this.asking = asking;
    this.open = open;
    this.later = later;
    this.atEnd = atEnd;
  }

  /// How many have ended, once everything has been asked about.
  CompletableFuture<Integer> ended() {
    return ended;
  }

  /// Newer rules: another one begins anew. What waits for documents is asked by those.
  void abandon() {
    given = true;
  }

  void goOn() {
    for (int i = 0; i < SLICE && !given && waiting < WAITING_MAX && open.hasNext(); i++) {
      new Question(open.next()).begin();
    }
    if (given) {
      return;
    }
    if (open.hasNext()) {
      if (waiting < WAITING_MAX) {
        later.accept(this::goOn);
      } else {
        paused = true;
      }
    } else if (waiting == 0) {
      given = true;
      atEnd.run();
      ended.complete(refused);
    }
  }

  private final class Question {
    private final Standing standing;
    private final Map<DocumentKey, Document> loaded = new HashMap<>(0);
    private int rounds;

    Question(Standing standing) {
      this.standing = standing;
    }

    void begin() {
      DocumentKey wanted = standing.wanted();
      if (wanted == null) {
        ask();
      } else {
        load(List.of(wanted));
      }
    }

    private void load(List<DocumentKey> keys) {
      waiting++;
      asking.load(
          keys,
          loaded,
          () -> {
            waiting--;
            ask();
            if (paused || !open.hasNext()) {
              paused = false;
              later.accept(Rejudging.this::goOn);
            }
          });
    }

    private void ask() {
      @Nullable Subject subject = standing.subject();
      if (subject == null || given) {
        return;
      }
      GuardAnswer answer =
          asking.ask(standing.principal(), standing.face(), standing.action(), subject, loaded);
      switch (Decider.of(answer)) {
        case null -> standing.allowed(answer == GuardAnswer.Allow.EACH);
        case Decision.Rejected(ErrorCode code, String message) -> refuse(code, message);
        case Decision.Needs(List<DocumentKey> keys) when rounds < Asking.ROUNDS_MAX -> {
          rounds++;
          load(keys);
        }
        case Decision.Needs _ -> refuse(ErrorCode.PERMISSION_ERROR, Asking.TOO_MANY_ROUNDS);
        case Decision.Accepted _, Decision.Suppressed _ ->
            throw new IllegalStateException("no write was asked about");
      }
    }

    private void refuse(ErrorCode code, String message) {
      refused++;
      standing.refused(code, message);
    }
  }
}
