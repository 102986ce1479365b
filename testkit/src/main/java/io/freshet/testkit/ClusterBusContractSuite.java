// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.Bus;
import io.freshet.spi.BusMessage;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What every bus must do for several nodes: each sender's order is kept everywhere, every node
/// knows what the others stand for, and nothing of a node that is gone stays.
public abstract class ClusterBusContractSuite extends BusContractSuite {
  /// Takes a node away as a lost process or network would, without its [Bus#close].
  protected abstract void crash(Bus bus);

  /// Makes a node's bus unable to take messages for other nodes, or able again.
  protected abstract void refuse(Bus bus, boolean refuses);

  /// Lets what is on its way go on; for a bus that delivers by itself there is nothing to do.
  protected abstract void pump();

  private void assertReceives(List<String> expected, Node node) {
    Eventually.holds(() -> {
      pump();
      return node.received().size() >= expected.size();
    });
    pump();
    assertEquals(expected, node.received());
  }

  @Test
  void anEventReachesEveryNodeOnce() {
    Node one = node();
    Node two = node();
    Node three = node();
    one.bus.publish(event(1));
    List<String> expected = List.of(one.name() + ": " + event(1));
    assertEquals(expected, one.received());
    assertReceives(expected, two);
    assertReceives(expected, three);
  }

  @Test
  void aMessageToOneReachesThatOneOnly() {
    Node one = node();
    Node two = node();
    Node three = node();
    one.bus.send(two.name(), new BusMessage.Accepted(1));
    one.bus.publish(event(2));
    assertReceives(
        List.of(one.name() + ": " + new BusMessage.Accepted(1), one.name() + ": " + event(2)), two);
    assertReceives(List.of(one.name() + ": " + event(2)), three);
  }

  @Test
  void whatANodeSendsArrivesInOrder() {
    Node one = node();
    Node two = node();
    sendMixed(one, two, 400);
    assertReceives(mixed(one, 400), two);
  }

  @Test
  void twoSendersKeepTheirOrderEach() {
    Node one = node();
    Node two = node();
    Node three = node();
    for (int i = 0; i < 100; i++) {
      one.bus.publish(event(i));
      two.bus.publish(event(i));
    }
    Eventually.holds(() -> {
      pump();
      return three.received().size() == 200;
    });
    assertEquals(three.received(one), one.received(one));
    assertEquals(three.received(two), two.received(two));
  }

  @Test
  void aNodeThatComesLaterLearnsWhatTheOthersStandFor() {
    Node one = node();
    one.bus.enter(Bus.Roster.USERS, "ada");
    one.bus.enter(Bus.Roster.USERS, "bob");
    one.bus.leave(Bus.Roster.USERS, "bob");
    Node two = node();
    assertReceives(List.of(one.name() + ": USERS + ada"), two);
    assertEquals(List.of(), one.received(two));
  }

  @Test
  void theEntriesOfALostNodeGo() {
    Node one = node();
    Node two = node();
    one.bus.enter(Bus.Roster.USERS, "ada");
    assertReceives(List.of(one.name() + ": USERS + ada"), two);
    crash(one.bus);
    assertReceives(
        List.of(one.name() + ": USERS + ada", one.name() + ": USERS - ada", one.name() + ": gone"),
        two);
  }

  @Test
  void theEntriesOfAClosedNodeGo() {
    Node one = node();
    Node two = node();
    one.bus.enter(Bus.Roster.PROCEDURES, "add");
    one.bus.close();
    assertReceives(
        List.of(
            one.name() + ": PROCEDURES + add",
            one.name() + ": PROCEDURES - add",
            one.name() + ": gone"),
        two);
  }

  @Test
  void nothingComesFromALostNodeAfterItIsGone() {
    Node one = node();
    Node two = node();
    one.bus.publish(event(1));
    crash(one.bus);
    one.bus.publish(event(2));
    one.bus.enter(Bus.Roster.USERS, "ada");
    two.bus.send(one.name(), event(3));
    Eventually.holds(() -> {
      pump();
      return two.received().contains(one.name() + ": gone");
    });
    pump();
    assertEquals(one.name() + ": gone", two.received().getLast());
  }

  @Test
  void aRefusedMessageIsReceivedByNobody() {
    Node one = node();
    Node two = node();
    refuse(one.bus, true);
    var refusal = assertThrows(FreshetException.class, () -> one.bus.publish(event(1)));
    assertEquals(ErrorCode.OVERLOADED, refusal.code());
    assertThrows(FreshetException.class, () -> one.bus.send(two.name(), event(2)));
    assertEquals(List.of(), one.received());
    refuse(one.bus, false);
    one.bus.publish(event(3));
    assertReceives(List.of(one.name() + ": " + event(3)), two);
  }

  @Test
  void rosterEntriesAndOwnMessagesAreNeverRefused() {
    Node one = node();
    Node two = node();
    refuse(one.bus, true);
    one.bus.enter(Bus.Roster.USERS, "ada");
    one.bus.send(one.name(), event(1));
    refuse(one.bus, false);
    assertTrue(one.received().contains(one.name() + ": " + event(1)));
    assertReceives(List.of(one.name() + ": USERS + ada"), two);
  }
}
