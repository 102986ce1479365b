// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.feed.ListenSignal;
import io.freshet.engine.feed.Session;
import io.freshet.protocol.DocumentKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The rules of listening, one scenario each. Signals read `a FOUND a/.* a/1` or `a/1 provided`.
class ListeningTest {
  private static final TestSession A = new TestSession("a");
  private static final TestSession B = new TestSession("b");
  private static final TestSession C = new TestSession("c");
  private static final Duration RESPONSE = Duration.ofMillis(500);
  private static final Duration REMATCH = Duration.ofSeconds(30);

  private final VirtualTimers timers = new VirtualTimers();
  private final List<String> signals = new ArrayList<>();
  private final Listening listening = listening(false, 1000);

  private Listening listening(boolean shuffle, int patternsMax) {
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
        new ListenOptions(RESPONSE, REMATCH, shuffle, patternsMax),
        new SplittableRandom(1));
  }

  private static DocumentKey key(String name) {
    return DocumentKey.ofRecordName(name);
  }

  private void watch(String name) {
    listening.watched(key(name));
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
  }

  @Test
  void offersNamesWatchedBeforeOldestFirst() {
    watch("a/1");
    watch("b/1");
    watch("a/2");
    expect();
    listening.listen(A, "a/.*");
    expect("a FOUND a/.* a/1", "a FOUND a/.* a/2");
  }
}
