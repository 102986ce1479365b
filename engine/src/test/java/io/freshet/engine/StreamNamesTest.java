// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.stream.StreamTerms;
import io.freshet.engine.stream.StreamTicket;
import io.freshet.protocol.EventId;
import io.freshet.protocol.error.ErrorCode;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/// One client per name.
class StreamNamesTest extends StreamsFixture {
  // One client per name.

  @Test
  void aNameWhoseClientGivesASignIsInUse() {
    var opened = opened(drivers("s", LATEST));
    holder.onAsked = () -> harness.submit(new Command.StreamSign(opened.ticket()));
    for (int i = 1; i < 3; i++) {
      var reply = open(other, new StreamTerms("rider", "s", LATEST), new TestHolder());
      assertRefused(ErrorCode.NAME_IN_USE, reply);
      assertEquals(i, holder.asked);
    }
    EventId place = write(JACK);
    move(opened.ticket(), place);
    assertEquals(place, kept("s"));
    assertFalse(holder.evicted);
    assertNothingUnderWay(1);
  }

  @Test
  void aNameWhoseClientGivesNoSignGoesToTheNextOne() {
    EventId first = write(JACK);
    var before = opened(drivers("s", LATEST));
    EventId second = write(JACK);
    holder.considered = second;
    var fresh = new TestHolder();
    var reply = open(other, drivers("s", LATEST), fresh);
    assertTrue(reply.isOpen());
    assertEquals(1, holder.asked);
    passTheTimeForASign();

    var after = reply.as(Outcome.StreamOpened.class);
    assertTrue(holder.evicted);
    assertEquals(first, after.after());
    assertEquals(second, after.highestSent());
    assertTrue(after.ticket().lease() > before.ticket().lease());
    move(before.ticket(), second);
    close(before.ticket(), second);
    sign(before.ticket());
    assertEquals(first, kept("s"));
    assertNothingUnderWay(1);
    move(after.ticket(), second);
    assertEquals(second, kept("s"));
    assertFalse(fresh.evicted);
  }

  /// Each takes the name from the other again and again: only the newest ticket moves the cursor.
  @Test
  void twoThatFightNeverBothMove() {
    var tickets = new ArrayList<StreamTicket>();
    tickets.add(opened(drivers("s", LATEST)).ticket());
    for (int round = 0; round < 10; round++) {
      EventId before = kept("s");
      EventId place = write(JACK);
      for (StreamTicket old : tickets.subList(0, tickets.size() - 1)) {
        move(old, place);
        assertEquals(before, kept("s"));
      }
      move(tickets.getLast(), place);
      assertEquals(place, kept("s"));
      var reply = open(round % 2 == 0 ? other : client, drivers("s", EARLIEST), new TestHolder());
      passTheTimeForASign();
      var opened = reply.as(Outcome.StreamOpened.class);
      assertEquals(place, opened.after());
      tickets.add(opened.ticket());
    }
    assertNothingUnderWay(1);
  }

  @Test
  void ofSeveralThatWantANameTheFirstGetsIt() {
    opened(drivers("s", LATEST));
    var first = open(other, drivers("s", LATEST), new TestHolder());
    var second = open(client, drivers("s", LATEST), new TestHolder());
    assertEquals(1, holder.asked);
    passTheTimeForASign();
    assertInstanceOf(Outcome.StreamOpened.class, first.outcome());
    assertRefused(ErrorCode.NAME_IN_USE, second);
    assertNothingUnderWay(1);
  }

  @Test
  void thoseThatWantANameAreBounded() {
    opened(drivers("s", LATEST));
    var replies = new ArrayList<EngineHarness.Reply>();
    for (int i = 0; i < 40; i++) {
      replies.add(open(other, drivers("s", LATEST), new TestHolder()));
    }
    assertRefused(ErrorCode.NAME_IN_USE, replies.getLast());
    assertTrue(replies.getFirst().isOpen());
    passTheTimeForASign();
    replies.subList(1, 40).forEach(each -> assertRefused(ErrorCode.NAME_IN_USE, each));
    replies.getFirst().as(Outcome.StreamOpened.class);
  }

  @Test
  void aNameThatIsGivenUpIsNotWaitedForAnyLonger() {
    var opened = opened(drivers("s", LATEST));
    var reply = open(other, drivers("s", LATEST), new TestHolder());
    assertTrue(reply.isOpen());
    close(opened.ticket(), null);
    reply.as(Outcome.StreamOpened.class);
    assertFalse(holder.evicted);
    assertNothingUnderWay(1);
  }

  @Test
  void aHolderThatLeavesWhileItIsAskedMakesRoom() {
    opened(drivers("s", LATEST));
    var reply = open(other, drivers("s", LATEST), new TestHolder());
    client.leave();
    harness.settle();
    reply.as(Outcome.StreamOpened.class);
    assertNothingUnderWay(1);
  }

  @Test
  void nobodyIsEvictedForSomebodyWhoIsGone() {
    opened(drivers("s", LATEST));
    var reply = open(other, drivers("s", LATEST), new TestHolder());
    other.leave();
    harness.settle();
    assertRefused(ErrorCode.UNAVAILABLE, reply);
    assertFalse(holder.evicted);
    assertNothingUnderWay(1);
  }

  /// The time-out of the first asking was on its way when the sign came.
  @Test
  void aTimeOutThatComesTooLateDoesNotCount() {
    var opened = opened(drivers("s", LATEST));
    open(other, drivers("s", LATEST), new TestHolder());
    Runnable late = harness.timers.poll();
    sign(opened.ticket());
    var second = open(other, drivers("s", LATEST), new TestHolder());
    late.run();
    harness.settle();
    assertFalse(holder.evicted);
    assertTrue(second.isOpen());
    passTheTimeForASign();
    assertTrue(holder.evicted);
    second.as(Outcome.StreamOpened.class);
  }

  @Test
  void aNameThatIsBeingOpenedIsInUse() {
    var first = submitOpen(client, drivers("s", LATEST), holder);
    harness.turn();
    var second = submitOpen(other, drivers("s", LATEST), new TestHolder());
    harness.turn();
    assertTrue(first.isOpen());
    assertRefused(ErrorCode.NAME_IN_USE, second);
    harness.settle();
    first.as(Outcome.StreamOpened.class);
    assertEquals(0, holder.asked);
  }

  @Test
  void whoLeavesWhileItsStreamIsOpenedHasNone() {
    var reply = submitOpen(client, drivers("s", LATEST), holder);
    harness.turn();
    client.leave();
    harness.settle();
    assertRefused(ErrorCode.UNAVAILABLE, reply);
    assertNothingUnderWay(0);
    open(other, drivers("s", LATEST), new TestHolder()).as(Outcome.StreamOpened.class);
  }

  /// Another server took the name.
  @Test
  void aLeaseThatIsLostInTheStoreEndsTheStream() {
    EventId first = write(JACK);
    var opened = opened(drivers("s", LATEST));
    store.cursors().lease("s", "driver");
    move(opened.ticket(), write(JACK));
    assertTrue(holder.evicted);
    assertEquals(first, kept("s"));
    assertNothingUnderWay(0);
    assertEquals(first, opened(drivers("s", LATEST)).after());
  }
}
