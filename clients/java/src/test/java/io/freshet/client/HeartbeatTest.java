// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// When a client asks whether somebody is still there, and when it takes it that nobody is.
class HeartbeatTest {
  private static final long INTERVAL_MS = 25_000;

  private final TestLine line = new TestLine();
  private final List<Long> pings = new ArrayList<>();
  private final long start = line.timing.millis();
  private boolean isReadingHeld;
  private boolean isSilent;
  private boolean isAnswering = true;
  private final Heartbeat heartbeat =
      new Heartbeat(line.hub, this::pinged, () -> isReadingHeld, () -> isSilent = true);

  HeartbeatTest() {
    heartbeat.begin(INTERVAL_MS);
  }

  /// The answer comes a little later, if one does.
  private void pinged() {
    pings.add(line.timing.millis() - start);
    if (isAnswering) {
      var unused =
          line.hub.after(
              10,
              () -> {
                heartbeat.heard();
                heartbeat.answered();
              });
    }
  }

  private void sent() {
    line.hub.locked(heartbeat::sent);
  }

  private void received() {
    line.hub.locked(() -> {
      heartbeat.heard();
      heartbeat.received();
    });
  }

  @Test
  void asksInEveryInterval() {
    line.timing.pass(3 * INTERVAL_MS);
    assertEquals(List.of(INTERVAL_MS, 2 * INTERVAL_MS, 3 * INTERVAL_MS), pings);
    assertFalse(isSilent);
  }

  @Test
  void asksSoonWhenSomethingWasSentAndNothingComes() {
    sent();
    line.timing.pass(5000);
    assertEquals(List.of(1000L), pings);
    sent();
    line.timing.pass(5000);
    assertEquals(List.of(1000L, 6000L), pings);
  }

  @Test
  void asksAfterAWhileWhenSomethingWasReceivedAndNothingFollows() {
    received();
    line.timing.pass(20_000);
    assertEquals(List.of(6000L), pings);
  }

  @Test
  void doesNotAskWhoNeedsNoAnswerWhileSomethingComesNowAndThen() {
    for (int i = 0; i < 8; i++) {
      received();
      line.timing.pass(3000);
    }
    assertEquals(List.of(), pings);
  }

  @Test
  void doesNotAskWhileTheServerSpeaks() {
    for (int i = 0; i < 100; i++) {
      received();
      sent();
      line.timing.pass(100);
    }
    assertEquals(List.of(), pings);
    line.timing.pass(5000);
    assertEquals(1, pings.size());
  }

  @Test
  void asksAgainSoonWhenThereIsNoAnswer() {
    isAnswering = false;
    sent();
    line.timing.pass(2000);
    assertEquals(List.of(1000L, 1250L, 1500L, 1750L, 2000L), pings);
    assertFalse(isSilent);
  }

  @Test
  void whatWasSentBehindAPingIsAskedForToo() {
    isAnswering = false;
    sent();
    line.timing.pass(1000);
    sent();
    line.hub.locked(() -> {
      heartbeat.heard();
      heartbeat.answered();
    });
    isAnswering = true;
    line.timing.pass(5000);
    assertEquals(2, pings.size());
  }

  @Test
  void nobodyIsThereWhenNothingIsHeardForThreeTurnsAfterAPing() {
    isAnswering = false;
    sent();
    line.timing.pass(19_999);
    assertFalse(isSilent);
    line.timing.pass(1);
    assertTrue(isSilent);
  }

  @Test
  void whoDoesNotListenDoesNotWonderThatNothingIsHeard() {
    isAnswering = false;
    isReadingHeld = true;
    sent();
    line.timing.pass(4 * INTERVAL_MS);
    assertFalse(isSilent);
    assertEquals(4, pings.size(), "only with the interval");
    isReadingHeld = false;
    line.timing.pass(20_000);
    assertTrue(isSilent);
  }

  @Test
  void callsBackInTheOrderOfThePings() {
    isAnswering = false;
    var told = new ArrayList<Integer>();
    line.hub.locked(() -> {
      heartbeat.ping(() -> told.add(1));
      heartbeat.ping(() -> told.add(2));
      heartbeat.answered();
    });
    assertEquals(List.of(1), told);
    line.hub.locked(heartbeat::answered);
    line.hub.locked(heartbeat::answered);
    assertEquals(List.of(1, 2), told);
  }

  @Test
  void endsForGood() {
    sent();
    line.hub.locked(heartbeat::end);
    sent();
    line.timing.pass(4 * INTERVAL_MS);
    assertEquals(List.of(), pings);
    assertEquals(0, line.timing.waiting());
  }
}
