// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.feed.Session;
import io.freshet.protocol.DocumentKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Random histories under the eyes of a [ListeningJudge]: at full pace, in slices so small that
/// hardly anything is finished at once, with busy sessions, and in random order of candidates.
class ListeningPropertyTest {
  private static final Duration RESPONSE = Duration.ofMillis(500);
  private static final Duration REMATCH = Duration.ofSeconds(8);
  private static final List<String> PATTERNS =
      List.of("^a/", "b", "1$", ".", "^a/1$", "^(?!a)", "^b/[0-4]", "x");
  private static final List<Session> SESSIONS =
      IntStream.range(0, 5).<Session>mapToObj(i -> new TestSession("s" + i)).toList();

  record Setting(long turnSteps, int questionsMax, boolean shuffle, long seed) {}

  static Stream<Setting> settings() {
    long random = new SplittableRandom().nextLong();
    return Stream.of(
        new Setting(1 << 30, 1 << 20, false, 1),
        new Setting(1 << 30, 1 << 20, false, random),
        new Setting(1, 1 << 20, false, 2),
        new Setting(1, 1 << 20, false, random),
        new Setting(500, 1 << 20, true, 3),
        new Setting(500, 1 << 20, true, random),
        new Setting(1, 2, false, 4),
        new Setting(200, 2, true, random));
  }

  private final VirtualTimers timers = new VirtualTimers();

  @ParameterizedTest
  @MethodSource("settings")
  void everyHistoryKeepsTheRules(Setting setting) {
    var random = new SplittableRandom(setting.seed);
    boolean busy = setting.questionsMax < 1000;
    var judge =
        new ListeningJudge(RESPONSE, REMATCH, !setting.shuffle, busy ? setting.questionsMax : 0);
    var listening =
        new Listening(
            judge,
            timers,
            new ListenOptions(RESPONSE, REMATCH, setting.shuffle, 100),
            random.split(),
            new Pace(setting.turnSteps, Duration.ZERO, setting.questionsMax));
    for (int i = 0; i < 20_000; i++) {
      judge.now = timers.now();
      step(listening, judge, random);
      if (random.nextInt(10) == 0) {
        settle(judge);
        judge.checkSettled(listening);
      }
    }
    assertTrue(judge.signals > 5_000, () -> "only " + judge.signals + " signals");
  }

  private void settle(ListeningJudge judge) {
    while (timers.turn()) {
      judge.now = timers.now();
    }
  }

  private void step(Listening listening, ListeningJudge judge, RandomGenerator random) {
    String name = (random.nextBoolean() ? "a/" : "b/") + random.nextInt(12);
    String pattern = PATTERNS.get(random.nextInt(PATTERNS.size()));
    Session session = SESSIONS.get(random.nextInt(SESSIONS.size()));
    switch (random.nextInt(20)) {
      case 0, 1, 2, 3 -> {
        judge.watched(name);
        listening.watched(DocumentKey.ofRecordName(name));
      }
      case 4, 5 -> {
        judge.removalOwed = judge.unwatched(name);
        listening.unwatched(DocumentKey.ofRecordName(name));
        judge.checkRemovalTold();
      }
      case 6, 7 -> {
        judge.listen(session, pattern);
        listening.listen(session, pattern);
      }
      case 8 -> {
        judge.unlisten(session, pattern);
        listening.unlisten(session, pattern);
      }
      case 9 -> leaveSometimes(listening, judge, random, session);
      case 10 -> answer(listening, judge, session, pattern, name, random.nextBoolean());
      case 11 -> pass(judge, Duration.ofMillis(random.nextInt(50)));
      case 12 -> pass(judge, Duration.ofMillis(random.nextInt(3000)));
      case 13 -> timers.turn();
      default -> answerSomething(listening, judge, random);
    }
  }

  private void leaveSometimes(
      Listening listening, ListeningJudge judge, RandomGenerator random, Session session) {
    if (random.nextInt(3) == 0) {
      judge.leave(session);
      listening.leave(session);
    }
  }

  private static void answerSomething(
      Listening listening, ListeningJudge judge, RandomGenerator random) {
    List<Map.Entry<String, ListeningJudge.Registration>> open = judge.open();
    if (!open.isEmpty()) {
      Map.Entry<String, ListeningJudge.Registration> question =
          open.get(random.nextInt(open.size()));
      answer(
          listening,
          judge,
          question.getValue().session(),
          question.getValue().pattern(),
          question.getKey(),
          random.nextInt(3) == 0);
    }
  }

  private static void answer(
      Listening listening,
      ListeningJudge judge,
      Session session,
      String pattern,
      String name,
      boolean accept) {
    judge.answer(session, pattern, name, accept);
    listening.answer(session, pattern, name, accept);
  }

  /// In steps no longer than from one task to the next, so that the judge knows the time.
  private void pass(ListeningJudge judge, Duration time) {
    timers.pass(time, now -> judge.now = now);
  }
}
