// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.feed.ListenSignal;
import io.freshet.engine.feed.Session;
import io.freshet.protocol.DocumentKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Much to do is done in many turns, none of which does more than its share.
class ListeningSlicesTest {
  private static final TestSession A = new TestSession("a");
  private static final TestSession B = new TestSession("b");

  /// Most of anything one turn may do: every signal and every name tried costs at least this.
  private static final long PER_TURN = Pace.DEFAULT.turnSteps() / 8 + 1;

  private final VirtualTimers timers = new VirtualTimers();
  private final List<ListenSignal> found = new ArrayList<>();
  private int signals;
  private Listening listening = listening(Duration.ZERO);

  private Listening listening(Duration pause) {
    return new Listening(
        new Listening.Signals() {
          @Override
          public void toListener(Session session, ListenSignal signal) {
            signals++;
            found.add(signal);
          }

          @Override
          public void providerChanged(DocumentKey key, boolean hasProvider) {
            signals++;
          }
        },
        timers,
        ListenOptions.DEFAULT,
        new SplittableRandom(1),
        new Pace(Pace.DEFAULT.turnSteps(), pause, 1 << 20));
  }

  private static DocumentKey name(int number) {
    return DocumentKey.ofRecordName((number % 10 == 0 ? "device/" : "driver/") + number);
  }

  /// Runs turn after turn and returns how many it took.
  private int turns() {
    int turns = 0;
    while (true) {
      assertTrue(signals <= PER_TURN, () -> signals + " signals in one turn");
      signals = 0;
      if (!timers.turn()) {
        return turns;
      }
      turns++;
    }
  }

  @Test
  void aNewPatternOverManyNames() {
    IntStream.range(0, 300_000).mapToObj(ListeningSlicesTest::name).forEach(listening::watched);
    assertEquals(0, turns());
    listening.listen(A, "^device/");
    assertTrue(turns() > 30);
    assertEquals(30_000, found.size());
    assertEquals("device/0", found.getFirst().name());
    assertEquals("device/299990", found.getLast().name());
  }

  @Test
  void theProcessorIsFreeBetweenTurns() {
    Duration pause = Pace.DEFAULT.pause();
    assertTrue(pause.isPositive());
    listening = listening(pause);
    IntStream.range(0, 300_000).mapToObj(ListeningSlicesTest::name).forEach(listening::watched);
    listening.listen(A, "^device/");
    for (int turn = 0; turn < 30; turn++) {
      int before = found.size();
      assertEquals(0, turns(), "turns without a pause");
      timers.pass(pause.minusNanos(1));
      assertEquals(before, found.size());
      timers.pass(Duration.ofNanos(1));
      assertTrue(found.size() > before);
    }
    timers.pass(Duration.ofSeconds(10));
    assertEquals(30_000, found.stream().map(ListenSignal::name).distinct().count());
  }

  @Test
  void aPatternThatHasToLookAtEveryName() {
    IntStream.range(0, 100_000).mapToObj(ListeningSlicesTest::name).forEach(listening::watched);
    listening.listen(A, "[13579]77$");
    assertTrue(turns() > 100);
    assertEquals(500, found.size());
  }

  @Test
  void namesThatComeAndGoMeanwhileAreFoundOnceOrNotAtAll() {
    IntStream.range(0, 50_000).mapToObj(ListeningSlicesTest::name).forEach(listening::watched);
    listening.listen(A, "7$");
    int next = 50_000;
    var gone = new HashSet<String>();
    for (int turn = 0; timers.turn(); turn++) {
      DocumentKey last = name(49_999 - turn);
      gone.add(last.recordName());
      listening.unwatched(last);
      listening.watched(name(next++));
      if (turn % 3 == 0) {
        listening.watched(last);
        gone.remove(last.recordName());
      }
    }
    var names = new ArrayList<String>();
    found.stream()
        .filter(signal -> signal.kind() == ListenSignal.Kind.FOUND)
        .map(ListenSignal::name)
        .forEach(names::add);
    found.stream()
        .filter(signal -> signal.kind() == ListenSignal.Kind.REMOVED)
        .map(ListenSignal::name)
        .forEach(names::remove);
    assertEquals(new HashSet<>(names).size(), names.size());
    var expected = new HashSet<String>();
    listening.watchedKeys().stream()
        .map(DocumentKey::recordName)
        .filter(name -> name.endsWith("7"))
        .forEach(expected::add);
    assertTrue(expected.size() > 4_000);
    assertEquals(expected, new HashSet<>(names));
  }

  @Test
  void aProviderOfManyNamesLeaves() {
    listening.listen(A, "^device/");
    for (int i = 0; i < 200_000; i += 10) {
      listening.watched(name(i));
      listening.answer(A, "^device/", name(i).recordName(), true);
      timers.turn();
      signals = 0;
    }
    turns();
    assertTrue(listening.hasProvider(name(0)) && listening.hasProvider(name(199_990)));
    listening.listen(B, "^device/");
    turns();
    found.clear();
    listening.leave(A);
    assertEquals(false, listening.hasProvider(name(199_990)));
    assertTrue(turns() > 10);
    assertEquals(20_000, found.size());
  }

  @Test
  void manyPatternsForOneName() {
    for (int session = 0; session < 6; session++) {
      for (int i = 0; i < 1000; i++) {
        listening.listen(new TestSession("s" + session), "x.*" + session + "." + i + "$");
      }
    }
    turns();
    listening.watched(DocumentKey.ofRecordName("xy 5.999"));
    assertTrue(turns() > 1);
    assertEquals(1, found.size());
    assertEquals("x.*5.999$", found.getFirst().pattern());
  }
}
