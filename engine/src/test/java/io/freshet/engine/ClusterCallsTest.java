// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.freshet.engine.command.ProviderAnswer;
import io.freshet.engine.command.ProviderAnswer.Accept;
import io.freshet.engine.command.ProviderAnswer.Reject;
import io.freshet.engine.feed.CallSignal;
import io.freshet.engine.feed.Outcome;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.Json;
import io.freshet.spi.Bus;
import io.freshet.spi.BusMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Remote procedure calls between nodes, and what is lost on the way.
class ClusterCallsTest {
  private static final Duration ACCEPT = Duration.ofMillis(1000);
  private static final Duration RESPONSE = Duration.ofMillis(10_000);
  private static final Duration MOMENT = Duration.ofMillis(1);
  private static final CallSignal ACCEPTED = CallSignal.Accepted.ACCEPTED;
  private static final CallSignal NO_PROVIDER = CallSignal.NoProvider.NO_PROVIDER;
  private static final CallSignal ACCEPT_TIMED_OUT = CallSignal.AcceptTimedOut.ACCEPT_TIMED_OUT;
  private static final CallSignal RESPONSE_TIMED_OUT =
      CallSignal.ResponseTimedOut.RESPONSE_TIMED_OUT;
  private static final CallSignal THREE = new CallSignal.Responded(Json.parse("3"));
  private static final ProviderAnswer RESPOND = new ProviderAnswer.Respond(Json.parse("3"));

  private final Cluster cluster = new Cluster();
  private final Cluster.Node a = cluster.node("a");
  private final Cluster.Node b = cluster.node("b");
  private final Cluster.Client caller = a.client("caller");

  private Cluster.Client provider(Cluster.Node at) {
    var provider = at.client("provider");
    provider.provide("add");
    cluster.settle();
    return provider;
  }

  private Outcome answer(Cluster.Client provider, ProviderAnswer answer) {
    var reply = provider.answer("add", "c1", answer);
    cluster.settle();
    return reply.outcome();
  }

  private void call() {
    caller.call("add", "c1", "[1,2]");
    cluster.settle();
  }

  private List<CallSignal> signals() {
    return caller.signals("c1");
  }

  private void assertNothingUnderWay() {
    for (Cluster.Node node : cluster.nodes.values()) {
      assertEquals(0, node.engine.messaging().held().calls(), node.name);
      assertEquals(0, node.engine.messaging().held().offers(), node.name);
    }
    assertEquals(0, cluster.timers.pending(), "timers left");
  }

  @Test
  void aCallReachesAProviderOfAnotherNode() {
    var provider = provider(b);
    call();
    assertEquals(Json.parse("[1,2]"), provider.offers.getFirst().data());
    answer(provider, Accept.ACCEPT);
    answer(provider, RESPOND);
    assertEquals(List.of(ACCEPTED, THREE), signals());
    assertNothingUnderWay();
  }

  @Test
  void anErrorComesBackFromAnotherNode() {
    var provider = provider(b);
    call();
    answer(provider, new ProviderAnswer.Fail(null));
    assertEquals(List.of(new CallSignal.Failed(null)), signals());
    assertNothingUnderWay();
  }

  @Test
  void theCallersNodeIsAskedFirst() {
    var far = provider(b);
    var near = provider(a);
    for (int i = 0; i < 20; i++) {
      caller.call("add", "c" + i, null);
    }
    cluster.settle();
    assertEquals(20, near.offers.size());
    assertEquals(0, far.offers.size());
  }

  @Test
  void aCallRejectedHereGoesToAnotherNode() {
    var near = provider(a);
    var far = provider(b);
    call();
    answer(near, Reject.REJECT);
    assertEquals(1, far.offers.size());
    answer(far, RESPOND);
    assertEquals(List.of(THREE), signals());
    assertNothingUnderWay();
  }

  @Test
  void eachNodeIsAskedOnce() {
    var c = cluster.node("c");
    var providers = List.of(provider(a), provider(b), provider(c));
    call();
    var order = new ArrayList<Cluster.Client>();
    for (int i = 0; i < 3; i++) {
      var asked = providers.stream().filter(each -> !each.offers.isEmpty()).toList();
      assertEquals(1, asked.size());
      asked.getFirst().offers.clear();
      order.add(asked.getFirst());
      assertEquals(List.of(), signals());
      answer(asked.getFirst(), Reject.REJECT);
    }
    assertEquals(3, order.stream().distinct().count());
    assertEquals(providers.getFirst(), order.getFirst());
    assertEquals(List.of(NO_PROVIDER), signals());
    assertNothingUnderWay();
  }

  @Test
  void whenTheLastProviderOfANodeIsGoneTheNodeIsNotAsked() {
    var far = provider(b);
    far.unprovide("add");
    cluster.settle();
    call();
    assertEquals(List.of(NO_PROVIDER), signals());
  }

  @Test
  void theTimeBeginsWhenTheOtherNodeHasAsked() {
    var far = provider(b);
    caller.call("add", "c1", null);
    a.turn();
    cluster.timers.pass(ACCEPT.minus(MOMENT));
    cluster.settle();
    assertEquals(1, far.offers.size());
    cluster.pass(ACCEPT.minus(MOMENT));
    assertEquals(List.of(), signals());
    cluster.pass(MOMENT);
    assertEquals(List.of(ACCEPT_TIMED_OUT), signals());
    assertNothingUnderWay();
  }

  @Test
  void aNodeThatDoesNotAnswerCannotHoldACall() {
    provider(b);
    caller.call("add", "c1", null);
    a.turn();
    cluster.timers.pass(ACCEPT);
    a.turn();
    assertEquals(List.of(ACCEPT_TIMED_OUT), signals());
    cluster.settle();
    assertNothingUnderWay();
  }

  /// The timer has run and its task waits for the engine, behind the message that ends its purpose.
  @Test
  void aTimeOutThatCameBehindTheNextOfferIsNone() {
    var one = provider(b);
    var two = b.client("two");
    two.provide("add");
    call();
    cluster.timers.pass(ACCEPT.minus(MOMENT));
    var first = one.offers.isEmpty() ? two : one;
    first.answer("add", "c1", Reject.REJECT);
    b.turn();
    cluster.bus.pump();
    cluster.timers.pass(MOMENT);
    cluster.settle();
    assertEquals(List.of(), signals());
    cluster.pass(ACCEPT);
    assertEquals(List.of(ACCEPT_TIMED_OUT), signals());
  }

  @Test
  void theOtherNodeForgetsACallThatTimedOut() {
    var far = provider(b);
    call();
    answer(far, Accept.ACCEPT);
    cluster.pass(RESPONSE);
    assertEquals(List.of(ACCEPTED, RESPONSE_TIMED_OUT), signals());
    assertEquals(Outcome.CallMismatch.NO_SUCH_CALL, answer(far, RESPOND));
    assertNothingUnderWay();
  }

  @Test
  void theOtherNodeForgetsTheCallsOfACallerThatLeft() {
    var far = provider(b);
    call();
    caller.leave();
    cluster.settle();
    assertEquals(Outcome.CallMismatch.NO_SUCH_CALL, answer(far, RESPOND));
    assertEquals(List.of(), signals());
    assertNothingUnderWay();
  }

  @Test
  void aFarProviderThatLeavesUnacceptedIsReplacedAcrossNodes() {
    var far = provider(b);
    call();
    var late = provider(cluster.node("c"));
    far.leave();
    cluster.settle();
    assertEquals(1, late.offers.size());
    answer(late, RESPOND);
    assertEquals(List.of(THREE), signals());
    assertNothingUnderWay();
  }

  @Test
  void aFarProviderThatLeavesAcceptedIsNotReplaced() {
    var far = provider(b);
    call();
    var late = provider(cluster.node("c"));
    answer(far, Accept.ACCEPT);
    far.leave();
    cluster.settle();
    assertEquals(List.of(ACCEPTED, RESPONSE_TIMED_OUT), signals());
    assertEquals(List.of(), late.offers);
    assertNothingUnderWay();
  }

  @Test
  void aNodeGoneBeforeItGotTheCallIsReplaced() {
    provider(b);
    caller.call("add", "c1", null);
    a.turn();
    cluster.crash(b);
    cluster.settle();
    assertEquals(List.of(NO_PROVIDER), signals());
    assertNothingUnderWay();
  }

  @Test
  void aNodeGoneBeforeItsProviderAcceptedIsReplaced() {
    provider(b);
    call();
    var late = provider(cluster.node("c"));
    cluster.crash(b);
    cluster.settle();
    assertEquals(1, late.offers.size());
    answer(late, RESPOND);
    assertEquals(List.of(THREE), signals());
    assertNothingUnderWay();
  }

  @Test
  void aNodeGoneAfterItsProviderAcceptedIsNotReplaced() {
    var far = provider(b);
    call();
    var late = provider(cluster.node("c"));
    answer(far, Accept.ACCEPT);
    cluster.crash(b);
    cluster.settle();
    assertEquals(List.of(ACCEPTED, RESPONSE_TIMED_OUT), signals());
    assertEquals(List.of(), late.offers);
    assertNothingUnderWay();
  }

  @Test
  void aNodeGoneAfterTheAnswerChangesNothing() {
    var far = provider(b);
    call();
    answer(far, RESPOND);
    cluster.crash(b);
    cluster.settle();
    assertEquals(List.of(THREE), signals());
    assertNothingUnderWay();
  }

  @Test
  void theCallsOfANodeThatIsGoneAreOver() {
    var far = provider(b);
    call();
    cluster.crash(a);
    cluster.settle();
    assertEquals(Outcome.CallMismatch.NO_SUCH_CALL, answer(far, Accept.ACCEPT));
    assertEquals(0, b.engine.messaging().held().offers());
  }

  /// Each node numbers its own calls from one.
  @Test
  void callsOfSeveralNodesAreToldApart() {
    var c = cluster.node("c");
    var far = provider(c);
    var second = c.client("second");
    second.provide("add");
    var other = b.client("other");
    cluster.settle();
    call();
    other.call("add", "c1", "[3,4]");
    cluster.settle();
    assertEquals(1, far.offers.size());
    assertEquals(1, second.offers.size());
    boolean farHasFirst = far.offers.getFirst().data().equals(Json.parse("[1,2]"));
    answer(farHasFirst ? far : second, RESPOND);
    assertEquals(List.of(THREE), signals());
    assertEquals(List.of(), other.signals("c1"));
    answer(farHasFirst ? second : far, RESPOND);
    assertEquals(List.of(THREE), other.signals("c1"));
    assertNothingUnderWay();
  }

  @Test
  void onlyTheNodeACallIsWithMaySpeakOfIt() {
    var far = provider(b);
    Bus stranger = cluster.bus.join("stranger");
    stranger.attach(new Deaf());
    call();
    for (BusMessage each :
        List.of(
            new BusMessage.Accepted(1),
            new BusMessage.Responded(1, null),
            new BusMessage.Failed(1, null),
            new BusMessage.Exhausted(1),
            new BusMessage.Lost(1))) {
      stranger.send("a", each);
    }
    stranger.send("b", new BusMessage.Abandoned(1));
    cluster.settle();
    assertEquals(List.of(), signals());
    answer(far, RESPOND);
    assertEquals(List.of(THREE), signals());
  }

  private static final class Deaf implements Bus.Receiver {
    @Override
    public void onMessage(String from, BusMessage message) {}

    @Override
    public void onRoster(String node, Bus.Roster roster, String name, boolean present) {}

    @Override
    public void onNodeGone(String node) {}
  }

  @Test
  void aBusThatCannotTakeTheCallIsLikeNoProvider() {
    var far = provider(b);
    cluster.bus.refuse("a", true);
    call();
    assertEquals(List.of(NO_PROVIDER), signals());
    cluster.bus.refuse("a", false);
    assertEquals(List.of(), far.offers);
    assertNothingUnderWay();
  }

  @Test
  void anAnswerTheBusCannotTakeMayBeGivenAgain() {
    var far = provider(b);
    call();
    cluster.bus.refuse("b", true);
    for (ProviderAnswer each : List.of(Accept.ACCEPT, RESPOND)) {
      var refused = (Outcome.Refused) answer(far, each);
      assertEquals(ErrorCode.OVERLOADED, refused.code());
    }
    cluster.bus.refuse("b", false);
    assertEquals(Outcome.Done.DONE, answer(far, Accept.ACCEPT));
    assertEquals(Outcome.Done.DONE, answer(far, RESPOND));
    assertEquals(List.of(ACCEPTED, THREE), signals());
    assertNothingUnderWay();
  }

  @Test
  void theOtherNodeHearsThatACallIsOverAsSoonAsTheBusWorksAgain() {
    provider(b);
    call();
    cluster.bus.refuse("a", true);
    cluster.pass(ACCEPT);
    assertEquals(List.of(ACCEPT_TIMED_OUT), signals());
    assertNotEquals(0, b.engine.messaging().held().offers());
    cluster.bus.refuse("a", false);
    cluster.pass(ACCEPT);
    assertNothingUnderWay();
  }
}
