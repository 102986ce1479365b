// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.stream.Start;
import io.freshet.engine.stream.StreamOptions;
import io.freshet.engine.stream.StreamState;
import io.freshet.engine.stream.StreamTerms;
import io.freshet.protocol.EventId;
import io.freshet.protocol.error.ErrorCode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Places that are lost, and the administration of all.
class StreamPlacesTest extends StreamsFixture {
  // Clocks.

  /// Neither while the server runs nor over a restart.
  @Test
  void aClockThatGoesBackRepeatsAndSkipsNothing() {
    EventId first = write(JACK);
    var opened = opened(drivers("s", LATEST));
    clock.advance(Duration.ofHours(-1));
    EventId second = write(JACK);
    assertTrue(second.compareTo(first) > 0);
    move(opened.ticket(), second);
    assertEquals(second, kept("s"));
    close(opened.ticket(), second);
    EventId third = write(JACK);
    clock.advance(Duration.ofHours(-1));
    restart(StreamOptions.DEFAULT);
    EventId fourth = write(JACK);
    assertTrue(fourth.compareTo(third) > 0);

    var again = opened(drivers("s", LATEST));
    assertEquals(second, again.after());
    assertEquals(List.of(3L, 4L), replayed(again.after()));
    assertEquals(0, list().getFirst().lagMs(), "behind, but in no time");
    move(again.ticket(), fourth);
    assertEquals(fourth, kept("s"));
  }

  // Places that are lost.

  @Test
  void aPlaceThatIsNotHeldStaysLostUntilItIsReset() {
    EventId place = write(JACK);
    close(opened(drivers("s", LATEST)).ticket(), place);
    write(JACK, JACK, JACK);
    memory.dropBefore(4);
    for (int i = 0; i < 2; i++) {
      var lost = lost(drivers("s", EARLIEST));
      assertEquals(ErrorCode.CURSOR_EXPIRED, lost.code());
      EventId third = EventId.of(head().timeMs(), head().tag(), 3);
      assertTrue(lost.message().contains(place + " up to " + third), lost.message());
      assertTrue(lost.message().contains("2 changes"), lost.message());
      assertEquals(List.of(head()), lost.position());
    }
    assertEquals(place, kept("s"));
    assertEquals(Outcome.Done.DONE, reset("s", EARLIEST).outcome());
    var opened = opened(drivers("s", LATEST));
    assertTrue(opened.resumed());
    assertNull(opened.highestSent(), "forgotten");
    assertEquals(List.of(4L), replayed(opened.after()));
  }

  @Test
  void aNewEpochLosesThePlacesOfTheOldOne() {
    write(JACK);
    opened(drivers("s", LATEST));
    EventId place = kept("s");
    write(JACK);
    memory.loseAndBeginEpoch(1);
    restart(StreamOptions.DEFAULT);
    var lost = lost(drivers("s", EARLIEST));
    assertEquals(ErrorCode.SOURCE_GAP, lost.code());
    assertTrue(lost.message().contains(place + " up to " + head()), lost.message());
    assertEquals(place, kept("s"));
    reset("s", LATEST);
    assertEquals(head(), opened(drivers("s", EARLIEST)).after());
  }

  @Test
  void aNameGoesOnInAnotherCollectionOfItsLogOnly() {
    var logs = SeveralLogs.of("driver", "rider");
    harness = new EngineHarness(logs);
    client = harness.client("client");
    client.set(JACK, "n", "1", -1);
    harness.settle();
    var first = opened(drivers("s", LATEST));
    close(first.ticket(), null);
    var lost = lost(new StreamTerms("rider", "s", LATEST));
    assertEquals(ErrorCode.SOURCE_GAP, lost.code());
    assertTrue(lost.message().contains("log-rider"), lost.message());
    var second = opened(new StreamTerms("car", "s", EARLIEST));
    assertEquals(first.after(), second.after());
    assertEquals("car", logs.cursors().find("s").collection());
    close(second.ticket(), null);
    assertEquals(
        ErrorCode.SOURCE_GAP,
        lost(new StreamTerms("rider", null, new Start.After(first.after()))).code());
  }

  // Administration.

  @Test
  void onlyANameThatNobodyHasIsResetOrDeleted() {
    EventId first = write(JACK);
    var opened = opened(drivers("s", LATEST));
    write(JACK);
    assertRefused(ErrorCode.NAME_IN_USE, reset("s", LATEST));
    assertRefused(ErrorCode.NAME_IN_USE, delete("s"));
    assertEquals(0, holder.asked);
    assertEquals(first, kept("s"));
    close(opened.ticket(), null);
    assertEquals(Outcome.Done.DONE, reset("s", LATEST).outcome());
    assertEquals(head(), kept("s"));
    assertEquals(Outcome.Done.DONE, reset("s", new Start.After(first)).outcome());
    assertEquals(first, kept("s"));
    assertRefused(ErrorCode.SOURCE_GAP, reset("s", new Start.After(EventId.NONE)));
    assertEquals(first, kept("s"));
    assertEquals(Outcome.Done.DONE, delete("s").outcome());
    assertNull(store.cursors().find("s"));
    assertRefused(ErrorCode.NOT_FOUND, delete("s"));
    assertRefused(ErrorCode.NOT_FOUND, reset("s", LATEST));
    assertFalse(opened(drivers("s", LATEST)).resumed());
  }

  @Test
  void aNameIsNotOpenedWhileItIsBeingReset() {
    write(JACK);
    close(opened(drivers("s", LATEST)).ticket(), null);
    write(JACK);
    harness.submit(new Command.ResetStream(new EngineHarness.Reply(client), "s", LATEST));
    harness.turn();
    var reply = submitOpen(other, drivers("s", LATEST), new TestHolder());
    harness.settle();
    assertRefused(ErrorCode.NAME_IN_USE, reply);
    assertEquals(head(), opened(drivers("s", EARLIEST)).after());
  }

  @Test
  void streamsAreListedWithPlaceLagAndHolder() {
    assertEquals(List.of(), list());
    EventId first = write(JACK);
    opened(new StreamTerms("rider", "b", LATEST));
    var idle = opened(drivers("a", LATEST));
    opened(drivers(null, EARLIEST));
    long moved = clock.millis();
    clock.advance(Duration.ofSeconds(7));
    EventId second = write(JACK, JACK, JACK);
    close(idle.ticket(), null);
    move(opened(new StreamTerms("rider", "c", LATEST)).ticket(), second);

    List<StreamState> states = list();
    long bytes = log().bytes();
    StreamState kept = states.get(0);
    assertEquals(
        new StreamState("a", "driver", first, moved, 3, bytes * 3 / 4, 7000, null, null), kept);
    StreamState held = states.get(1);
    assertEquals(
        new StreamState(
            "b", "rider", first, moved, 3, bytes * 3 / 4, 7000, "somebody", holder.figures()),
        held);
    StreamState atHead = states.get(2);
    assertEquals("c", atHead.name());
    assertEquals(
        List.of(0L, 0L, 0L), List.of(atHead.lagEvents(), atHead.lagBytes(), atHead.lagMs()));
    StreamState unnamed = states.get(3);
    assertNull(unnamed.name());
    assertEquals("driver", unnamed.collection());
    assertEquals(4, unnamed.lagEvents());
    assertEquals(4, states.size());
    memory.dropBefore(4);
    assertEquals(3, list().getFirst().lagEvents(), "of what is lost, too");
    memory.loseAndBeginEpoch(0);
    assertEquals(1, list().getFirst().lagEvents(), "all that is held");
  }
}
