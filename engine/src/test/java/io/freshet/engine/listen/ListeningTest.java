// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.feed.ListenSignal;
import io.freshet.engine.feed.Session;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The rules of listening, one scenario each. Signals read `a FOUND a/.* a/1` or `a/1 provided`.
class ListeningTest {
  private static final TestSession A = new TestSession("a");
  private static final TestSession B = new TestSession("b");
  private static final TestSession C = new TestSession("c");
  private static final Duration RESPONSE = Duration.ofMillis(500);
  private static final Duration REMATCH = Duration.ofSeconds(30);
  private static final Duration MOMENT = Duration.ofMillis(1);
  private static final Pace NO_PAUSE = new Pace(1 << 16, Duration.ZERO, 1000);

  private final VirtualTimers timers = new VirtualTimers();
  private final List<String> signals = new ArrayList<>();
  private Listening listening = listening(false, NO_PAUSE, 1);

  private Listening listening(boolean shuffle, Pace pace, long seed) {
    return new Listening(
        new Listening.Signals() {
          @Override
          public void toListener(Session session, ListenSignal signal) {
            signals.add(
                session + " " + signal.kind() + " " + signal.pattern() + " " + signal.name());
          }

          @Override
          public void providerChanged(DocumentKey key, boolean hasProvider) {
            signals.add(key.recordName() + (hasProvider ? " provided" : " not provided"));
          }
        },
        timers,
        new ListenOptions(RESPONSE, REMATCH, shuffle, 3),
        new SplittableRandom(seed),
        pace);
  }

  private static DocumentKey key(String name) {
    return DocumentKey.ofRecordName(name);
  }

  private void watch(String... names) {
    for (String name : names) {
      listening.watched(key(name));
    }
  }

  private void unwatch(String name) {
    listening.unwatched(key(name));
  }

  private void accept(Session session, String pattern, String name) {
    listening.answer(session, pattern, name, true);
  }

  private void reject(Session session, String pattern, String name) {
    listening.answer(session, pattern, name, false);
  }

  private boolean provided(String name) {
    return listening.hasProvider(key(name));
  }

  /// What was signalled since the last look.
  private void expect(String... expected) {
    timers.settle();
    assertEquals(List.of(expected), List.copyOf(signals));
    signals.clear();
  }

  private static void expectRefusal(ErrorCode code, Runnable action) {
    assertEquals(code, assertThrows(FreshetException.class, action::run).code());
  }

  @Test
  void asksTheListenerWhenANameIsWatchedAndRecordsWhoAccepts() {
    listening.listen(A, "^a/");
    expect();
    watch("a/1");
    expect("a FOUND ^a/ a/1");
    assertFalse(provided("a/1"));
    accept(A, "^a/", "a/1");
    expect("a/1 provided");
    assertTrue(provided("a/1"));
    timers.pass(REMATCH.multipliedBy(3));
    expect();
  }

  @Test
  void doesNotAskAboutNamesThatDoNotMatch() {
    listening.listen(A, "^a/");
    watch("b/1", "xa/1", "a");
    expect();
  }

  @Test
  void matchesAnywhereInTheWholeRecordName() {
    listening.listen(A, "r/j");
    watch("driver/jack", "driver", "r/j");
    expect("a FOUND r/j driver/jack", "a FOUND r/j r/j");
  }

  @Test
  void offersNamesWatchedBeforeOldestFirst() {
    watch("a/1", "b/1", "a/2");
    expect();
    listening.listen(A, "a/.*");
    expect("a FOUND a/.* a/1", "a FOUND a/.* a/2");
  }

  @Test
  void doesNotOfferProvidedNamesToANewListener() {
    listening.listen(A, "a");
    watch("a1", "a2");
    accept(A, "a", "a1");
    reject(A, "a", "a2");
    expect("a FOUND a a1", "a FOUND a a2", "a1 provided");
    listening.listen(B, "a");
    expect("b FOUND a a2");
  }

  @Test
  void asksTheNextAfterARejection() {
    listening.listen(A, ".");
    listening.listen(B, ".");
    watch("x");
    expect("a FOUND . x");
    reject(A, ".", "x");
    expect("b FOUND . x");
    accept(B, ".", "x");
    expect("x provided");
  }

  @Test
  void asksInOrderOfRegistrationWhicheverPatternMatches() {
    listening.listen(A, "x");
    listening.listen(B, "^x");
    listening.listen(C, "x");
    watch("x");
    reject(A, "x", "x");
    reject(B, "^x", "x");
    reject(C, "x", "x");
    expect("a FOUND x x", "b FOUND ^x x", "c FOUND x x");
  }

  @Test
  void asksOneSessionOncePerPattern() {
    listening.listen(A, "x");
    listening.listen(A, "^x");
    watch("x");
    expect("a FOUND x x");
    accept(A, "^x", "x");
    expect();
    reject(A, "x", "x");
    expect("a FOUND ^x x");
    accept(A, "^x", "x");
    expect("x provided");
  }

  @Test
  void stopsWhenNobodyWantsItUntilTheRematchInterval() {
    listening.listen(A, ".");
    listening.listen(B, ".");
    watch("x");
    reject(A, ".", "x");
    reject(B, ".", "x");
    expect("a FOUND . x", "b FOUND . x");
    timers.pass(REMATCH.dividedBy(2));
    expect();
    timers.pass(REMATCH.dividedBy(2));
    expect("a FOUND . x");
    reject(A, ".", "x");
    reject(B, ".", "x");
    expect("b FOUND . x");
    timers.pass(REMATCH.plus(RESPONSE).plus(RESPONSE));
    expect("a FOUND . x", "a TIMED_OUT . x", "b FOUND . x", "b TIMED_OUT . x");
  }

  @Test
  void aNewMatchingListenerIsAskedAtOnceAndOnlyThatOne() {
    listening.listen(A, ".");
    watch("x");
    reject(A, ".", "x");
    expect("a FOUND . x");
    listening.listen(C, "^y");
    listening.listen(B, "^x$");
    expect("b FOUND ^x$ x");
    reject(B, "^x$", "x");
    expect();
  }

  @Test
  void aListenerThatDoesNotAnswerIsToldAndTheNextIsAsked() {
    listening.listen(A, ".");
    listening.listen(B, ".");
    watch("x");
    expect("a FOUND . x");
    timers.pass(RESPONSE.minus(MOMENT));
    expect();
    timers.pass(MOMENT);
    expect("a TIMED_OUT . x", "b FOUND . x");
    accept(A, ".", "x");
    expect();
    assertFalse(provided("x"));
    accept(B, ".", "x");
    expect("x provided");
  }

  @Test
  void onlyTheSessionThatWasAskedMayAnswer() {
    listening.listen(A, "x");
    listening.listen(B, "x");
    watch("x");
    expect("a FOUND x x");
    accept(B, "x", "x");
    reject(B, "x", "x");
    accept(C, "x", "x");
    accept(A, "y", "x");
    accept(A, "x", "y");
    accept(A, "x", "");
    accept(A, "x", "n".repeat(600));
    expect();
    assertFalse(provided("x"));
    accept(A, "x", "x");
    expect("x provided");
  }

  @Test
  void acceptingWithoutBeingAskedIsIgnored() {
    watch("x");
    accept(A, "x", "x");
    listening.listen(A, "y");
    accept(A, "y", "x");
    accept(A, "y", "y");
    expect();
    assertFalse(provided("x"));
  }

  @Test
  void acceptingTwiceChangesNothing() {
    listening.listen(A, "x");
    watch("x");
    accept(A, "x", "x");
    accept(A, "x", "x");
    expect("a FOUND x x", "x provided");
  }

  @Test
  void aProviderThatRejectsAfterwardsGivesTheNameUp() {
    listening.listen(A, "x");
    watch("x");
    unwatch("x");
    watch("x");
    expect("a FOUND x x", "a REMOVED x x", "a FOUND x x");
    accept(A, "x", "x");
    reject(A, "x", "x");
    expect("x provided", "x not provided", "a FOUND x x");
    assertFalse(provided("x"));
  }

  @Test
  void tellsTheProviderWhenNobodyWatchesAnyMore() {
    listening.listen(A, "x");
    watch("x");
    accept(A, "x", "x");
    expect("a FOUND x x", "x provided");
    unwatch("x");
    expect("a REMOVED x x");
    assertFalse(provided("x"));
    watch("x");
    expect("a FOUND x x");
  }

  @Test
  void tellsAListenerThatIsBeingAskedThatItIsNoLongerWanted() {
    listening.listen(A, "x");
    listening.listen(B, "x");
    watch("x");
    unwatch("x");
    expect("a FOUND x x", "a REMOVED x x");
    accept(A, "x", "x");
    timers.pass(REMATCH.multipliedBy(2));
    expect();
    assertFalse(provided("x"));
  }

  @Test
  void tellsNobodyWhenAnExhaustedNameIsUnwatched() {
    listening.listen(A, "x");
    watch("x");
    reject(A, "x", "x");
    expect("a FOUND x x");
    unwatch("x");
    timers.pass(REMATCH.dividedBy(16));
    assertEquals(0, timers.pending());
    expect();
  }

  @Test
  void searchesAgainWhenTheProviderLeaves() {
    listening.listen(A, "x");
    listening.listen(B, "x");
    watch("x1", "x2");
    accept(A, "x", "x1");
    accept(A, "x", "x2");
    signals.clear();
    listening.leave(A);
    timers.settle();
    assertEquals(
        Set.of("x1 not provided", "x2 not provided", "b FOUND x x1", "b FOUND x x2"),
        new HashSet<>(signals));
    assertTrue(
        signals.indexOf("x1 not provided") < signals.indexOf("b FOUND x x1"), signals::toString);
    signals.clear();
    assertFalse(provided("x1"));
    accept(B, "x", "x1");
    expect("x1 provided");
  }

  @Test
  void searchesAgainWhenTheProviderUnlistens() {
    listening.listen(A, "x");
    listening.listen(A, "y");
    watch("x", "y");
    accept(A, "x", "x");
    accept(A, "y", "y");
    signals.clear();
    listening.unlisten(A, "x");
    expect("x not provided");
    assertTrue(provided("y"));
    listening.listen(A, "x");
    expect("a FOUND x x");
  }

  @Test
  void saysNothingMoreToASessionThatLeftOrUnlistened() {
    listening.listen(A, "x");
    watch("x");
    listening.unlisten(A, "x");
    expect("a FOUND x x");
    accept(A, "x", "x");
    timers.pass(RESPONSE.multipliedBy(2));
    unwatch("x");
    timers.pass(REMATCH);
    expect();
    assertEquals(0, timers.pending());
  }

  @Test
  void asksTheNextAtOnceWhenTheOneAskedLeaves() {
    listening.listen(A, "x");
    listening.listen(B, "x");
    watch("x");
    listening.leave(A);
    expect("a FOUND x x", "b FOUND x x");
  }

  @Test
  void skipsCandidatesThatLeftBeforeTheirTurn() {
    listening.listen(A, "x");
    listening.listen(B, "x");
    listening.listen(C, "x");
    watch("x");
    listening.leave(B);
    reject(A, "x", "x");
    expect("a FOUND x x", "c FOUND x x");
  }

  @Test
  void listeningTwiceToTheSamePatternChangesNothing() {
    listening.listen(A, "x");
    watch("x");
    listening.listen(A, "x");
    reject(A, "x", "x");
    listening.listen(A, "x");
    expect("a FOUND x x");
    listening.unlisten(A, "x");
    listening.unlisten(A, "x");
    unwatch("x");
    watch("x");
    expect();
  }

  @Test
  void aNameWatchedAgainDuringASearchStartsNoSecondOne() {
    listening.listen(A, "x");
    watch("x");
    watch("x");
    expect("a FOUND x x");
    accept(A, "x", "x");
    watch("x");
    expect("x provided");
    assertEquals(List.of(key("x")), listening.watchedKeys());
  }

  @Test
  void aListenerThatComesDuringASearchIsAskedLast() {
    listening.listen(A, "x");
    watch("x");
    listening.listen(B, ".");
    listening.listen(C, "x");
    expect("a FOUND x x");
    reject(A, "x", "x");
    reject(B, ".", "x");
    expect("b FOUND . x", "c FOUND x x");
  }

  @Test
  void refusesPatternsThatAreNoneAndTooMany() {
    expectRefusal(ErrorCode.INVALID_PATTERN, () -> listening.listen(A, "("));
    listening.listen(A, "1");
    listening.listen(A, "2");
    expectRefusal(ErrorCode.INVALID_PATTERN, () -> listening.listen(A, "[b-a]"));
    listening.listen(A, "3");
    expectRefusal(ErrorCode.LIMIT_REACHED, () -> listening.listen(A, "4"));
    listening.listen(A, "3");
    listening.unlisten(A, "1");
    listening.listen(A, "4");
    watch("1", "4");
    expect("a FOUND 4 4");
  }

  @Test
  void shufflesCandidatesWhenAskedTo() {
    var first = new HashSet<String>();
    for (int seed = 0; seed < 50; seed++) {
      listening = listening(true, NO_PAUSE, seed);
      listening.listen(A, "x");
      listening.listen(B, "x");
      listening.listen(C, "x");
      watch("x");
      assertEquals(1, signals.size());
      first.add(signals.getFirst());
      signals.clear();
    }
    assertEquals(Set.of("a FOUND x x", "b FOUND x x", "c FOUND x x"), first);
  }

  @Test
  void asksOneSessionAboutABoundedNumberOfNamesAtATime() {
    listening = listening(false, new Pace(1 << 16, Duration.ZERO, 2), 1);
    listening.listen(A, "x");
    watch("x1", "x2", "x3", "x4", "x5");
    expect("a FOUND x x1", "a FOUND x x2");
    accept(A, "x", "x2");
    expect("x2 provided", "a FOUND x x3");
    unwatch("x1");
    expect("a REMOVED x x1", "a FOUND x x4");
    unwatch("x5");
    expect();
    timers.pass(RESPONSE);
    expect("a TIMED_OUT x x3", "a TIMED_OUT x x4");
  }

  @Test
  void everyNameOfABusySessionGetsItsTurn() {
    listening = listening(false, new Pace(100, Duration.ZERO, 3), 1);
    listening.listen(A, "x");
    for (int i = 0; i < 200; i++) {
      watch("x" + i);
    }
    listening.listen(A, "^x");
    for (int i = 0; i < signals.size() || timers.turn(); i++) {
      if (i < signals.size() && signals.get(i).startsWith("a FOUND x ")) {
        accept(A, "x", signals.get(i).substring("a FOUND x ".length()));
      } else {
        timers.settle();
      }
    }
    for (int i = 0; i < 200; i++) {
      assertTrue(provided("x" + i));
    }
  }

  @Test
  void prefersACandidateThatIsNotBusy() {
    listening = listening(false, new Pace(1 << 16, Duration.ZERO, 1), 1);
    listening.listen(A, "x");
    listening.listen(B, "x");
    watch("x1", "x2", "x3");
    expect("a FOUND x x1", "b FOUND x x2");
    listening.leave(A);
    expect();
    accept(B, "x", "x2");
    timers.settle();
    accept(B, "x", "x1");
    accept(B, "x", "x3");
    expect("x2 provided", "b FOUND x x1", "x1 provided", "b FOUND x x3", "x3 provided");
  }

  @Test
  void countsNamesAPatternGaveUpOn() {
    String slow = "^(?:(a)|a|aa)+\\1\\1\\1$";
    listening.listen(A, slow);
    watch("a".repeat(60) + "b");
    expect();
    assertEquals(1, listening.abandonedMatches());
  }

  @Test
  void leavesNothingBehind() {
    listening.listen(A, "x");
    listening.listen(B, "^x");
    watch("x1", "x2", "x3", "y");
    accept(A, "x", "x1");
    reject(A, "x", "x2");
    listening.leave(A);
    listening.leave(B);
    listening.leave(C);
    timers.pass(REMATCH.multipliedBy(2));
    assertEquals(0, timers.pending());
    assertEquals(List.of(key("x1"), key("x2"), key("x3"), key("y")), listening.watchedKeys());
  }
}
