// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.Subject;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.spi.Authenticator;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Presence: which users are there, who is told, and that nothing stale stays.
class PresenceTest {
  private final Cluster cluster = new Cluster();

  private static String told(Cluster.Loop loop) {
    var all = new StringBuilder();
    for (FeedItem.PresenceChanged each : loop.presence) {
      all.append(each.online() ? "+" : "-").append(each.user()).append(' ');
    }
    loop.presence.clear();
    return all.toString().trim();
  }

  private Set<String> present(Cluster.Client who, String... users) {
    var reply = who.queryPresence(users);
    cluster.settle();
    return ((Outcome.Present) reply.outcome()).users();
  }

  @Test
  void theFirstConnectionOfAUserAndTheLastAreTold() {
    var node = cluster.node("a");
    node.client("watcher").watchPresence();
    cluster.settle();
    var one = node.client("ada").join();
    cluster.settle();
    assertEquals("+ada", told(node.loop));
    var two = node.client("ada").join();
    one.leave();
    cluster.settle();
    assertEquals("", told(node.loop));
    two.leave();
    cluster.settle();
    assertEquals("-ada", told(node.loop));
  }

  @Test
  void aSessionThatNeverJoinedTakesNobodyAway() {
    var node = cluster.node("a");
    node.client("watcher").watchPresence();
    node.client("ada").join();
    cluster.settle();
    told(node.loop);
    node.client("ada").leave();
    cluster.settle();
    assertEquals("", told(node.loop));
    assertEquals(Set.of("ada"), present(node.client("bob")));
  }

  @Test
  void joiningTwiceCountsOnce() {
    var node = cluster.node("a");
    var ada = node.client("ada").join().join();
    ada.leave();
    cluster.settle();
    assertEquals(Set.of(), present(node.client("bob")));
    assertTrue(node.engine.messaging().isEmpty());
  }

  @Test
  void aLoginThatNamesNobodyIsNoUser() {
    var node = cluster.node("a");
    var watcher = node.client("watcher");
    watcher.watchPresence();
    var nobody = node.client(Authenticator.ANONYMOUS).join();
    var open = node.client("open").join();
    cluster.settle();
    assertEquals("+open", told(node.loop));
    assertEquals(Set.of("open"), present(watcher));
    nobody.leave();
    open.leave();
    cluster.settle();
    assertEquals("-open", told(node.loop));
  }

  @Test
  void anOutletIsToldOnceAndOnlyIfSomebodyThereWatchesTheUser() {
    var node = cluster.node("a");
    var both = new Cluster.Loop();
    var single = new Cluster.Loop();
    var other = new Cluster.Loop();
    node.client("w1", both).watchPresence();
    node.client("w2", both).watchPresence("ada");
    node.client("w3", single).watchPresence("ada", "bob");
    node.client("w4", other).watchPresence("eve");
    cluster.settle();
    node.client("ada").join();
    cluster.settle();
    assertEquals("+ada", told(both));
    assertEquals("+ada", told(single));
    assertEquals("", told(other));
    assertEquals("", told(node.loop));
  }

  @Test
  void whoWatchesNoMoreIsToldNoMore() {
    var node = cluster.node("a");
    var watcher = node.client("watcher");
    var first = watcher.watchPresence("ada", "ada", "bob");
    var everybody = watcher.watchPresence();
    var again = watcher.watchPresence();
    var less = watcher.unwatchPresence("ada", "eve");
    var none = watcher.unwatchPresence();
    var noneAgain = watcher.unwatchPresence();
    node.client("ada").join();
    node.client("bob").join();
    cluster.settle();
    assertEquals("+ = +", first.perName());
    assertEquals("+", everybody.perName());
    assertEquals("=", again.perName());
    assertEquals("+ =", less.perName());
    assertEquals("+", none.perName());
    assertEquals("=", noneAgain.perName());
    assertEquals("+bob", told(node.loop));
    watcher.leave();
    node.client("eve").join();
    node.client("bob").join().leave();
    cluster.settle();
    assertEquals("", told(node.loop));
  }

  @Test
  void aQuestionIsAnsweredForEverybodyOrForThoseAsked() {
    var node = cluster.node("a");
    var ada = node.client("ada").join();
    var bob = node.client("bob").join();
    cluster.settle();
    assertEquals(Set.of("ada", "bob"), present(ada));
    assertEquals(Set.of("bob"), present(ada, "bob", "eve"));
    bob.leave();
    cluster.settle();
    assertEquals(Set.of("ada"), present(ada));
    assertEquals(Set.of(), present(ada, "bob"));
  }

  /// The answer is shared by those who ask; what changes later must not show in it.
  @Test
  void anAnswerDoesNotChangeAfterwards() {
    var node = cluster.node("a");
    var ada = node.client("ada").join();
    cluster.settle();
    Set<String> before = present(ada);
    node.client("bob").join();
    cluster.settle();
    assertEquals(Set.of("ada"), before);
  }

  @Test
  void watchingAndAskingAreGuardedPerUser() {
    var node =
        cluster.node(
            "a",
            request ->
                request.action() == GuardAction.PRESENCE
                        && (request.subject().equals(new Subject.OfName("boss", null))
                            || request.subject().equals(new Subject.OfName(null, null)))
                    ? GuardAnswer.Deny.DENY
                    : GuardAnswer.Allow.ALLOW,
            EngineOptions.DEFAULT,
            new Random(1));
    var eve = node.client("eve");
    var some = eve.watchPresence("boss", "ada");
    var all = eve.watchPresence();
    var askAll = eve.queryPresence();
    var askBoss = eve.queryPresence("ada", "boss");
    node.client("boss").join();
    node.client("ada").join();
    cluster.settle();
    assertEquals("FORBIDDEN +", some.perName());
    assertEquals("FORBIDDEN", all.perName());
    assertEquals(ErrorCode.FORBIDDEN, askAll.refused().code());
    assertEquals(ErrorCode.FORBIDDEN, askBoss.refused().code());
    assertEquals("+ada", told(node.loop));
    assertEquals(Set.of("ada"), present(eve, "ada"));
  }

  @Test
  void aUserOfTwoNodesIsOneUser() {
    var here = cluster.node("a");
    var there = cluster.node("b");
    here.client("watcher").watchPresence();
    there.client("watcher").watchPresence("ada");
    cluster.settle();
    var one = here.client("ada").join();
    var two = there.client("ada").join();
    cluster.settle();
    assertEquals("+ada", told(here.loop));
    assertEquals("+ada", told(there.loop));
    assertEquals(Set.of("ada"), present(there.client("bob")));
    one.leave();
    cluster.settle();
    assertEquals(Set.of("ada"), present(here.client("bob")));
    assertEquals("", told(here.loop));
    two.leave();
    cluster.settle();
    assertEquals("-ada", told(here.loop));
    assertEquals("-ada", told(there.loop));
  }

  @Test
  void aNodeThatIsGoneTakesItsUsersWithIt() {
    var here = cluster.node("a");
    var there = cluster.node("b");
    here.client("watcher").watchPresence();
    here.client("both").join();
    there.client("both").join();
    there.client("ada").join();
    cluster.settle();
    told(here.loop);
    cluster.crash(there);
    cluster.settle();
    assertEquals("-ada", told(here.loop));
    assertEquals(Set.of("both"), present(here.client("bob")));
  }

  @Test
  void aNodeThatComesLaterKnowsWhoIsThere() {
    var here = cluster.node("a");
    here.client("ada").join();
    cluster.settle();
    var there = cluster.node("b");
    cluster.settle();
    assertEquals(Set.of("ada"), present(there.client("bob")));
  }
}
