// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.command.ProviderAnswer;
import io.freshet.engine.command.ProviderAnswer.Accept;
import io.freshet.engine.command.ProviderAnswer.Reject;
import io.freshet.engine.feed.CallOffer;
import io.freshet.engine.feed.CallSignal;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.Subject;
import io.freshet.engine.messaging.RpcOptions;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.Json;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Remote procedure calls on one node: every way a call can go.
class CallsTest {
  private static final Duration ACCEPT = Duration.ofMillis(1000);
  private static final Duration RESPONSE = Duration.ofMillis(10_000);
  private static final Duration MOMENT = Duration.ofMillis(1);
  private static final CallSignal ACCEPTED = CallSignal.Accepted.ACCEPTED;
  private static final CallSignal NO_PROVIDER = CallSignal.NoProvider.NO_PROVIDER;
  private static final CallSignal ACCEPT_TIMED_OUT = CallSignal.AcceptTimedOut.ACCEPT_TIMED_OUT;
  private static final CallSignal RESPONSE_TIMED_OUT =
      CallSignal.ResponseTimedOut.RESPONSE_TIMED_OUT;

  private final Cluster cluster = new Cluster();
  private final Cluster.Node node = cluster.node("a");
  private final Cluster.Client caller = node.client("caller");

  private static ProviderAnswer respond(String json) {
    return new ProviderAnswer.Respond(Json.parse(json));
  }

  private static CallSignal responded(String json) {
    return new CallSignal.Responded(Json.parse(json));
  }

  private Cluster.Client provider(String user) {
    return provider(node, user);
  }

  private Cluster.Client provider(Cluster.Node at, String user) {
    var provider = at.client(user);
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
    var reply = caller.call("add", "c1", "[1,2]");
    cluster.settle();
    assertEquals(Outcome.Done.DONE, reply.outcome());
  }

  /// The one provider of two that has the call.
  private Cluster.Client asked(Cluster.Client... providers) {
    List<Cluster.Client> asked =
        Stream.of(providers).filter(each -> !each.offers.isEmpty()).toList();
    assertEquals(1, asked.size(), () -> "asked: " + asked);
    asked.getFirst().offers.clear();
    return asked.getFirst();
  }

  private void assertNothingUnderWay() {
    assertEquals(0, node.engine.messaging().held().calls());
    assertEquals(0, node.engine.messaging().held().offers());
    assertEquals(0, cluster.timers.pending(), "timers left");
  }

  @Test
  void aCallIsOfferedAcceptedAndAnswered() {
    var provider = provider("p");
    call();
    assertEquals(
        List.of(new CallOffer("add", "c1", Json.parse("[1,2]"), null, null)), provider.offers);
    assertEquals(Outcome.Done.DONE, answer(provider, Accept.ACCEPT));
    assertEquals(List.of(ACCEPTED), caller.signals("c1"));
    assertEquals(Outcome.Done.DONE, answer(provider, respond("3")));
    assertEquals(List.of(ACCEPTED, responded("3")), caller.signals("c1"));
    assertNothingUnderWay();
  }

  @Test
  void theCallersAnswerStandsBeforeWhatBecomesOfTheCall() {
    node.loop.take();
    caller.call("add", "c1", null);
    node.turn();
    List<FeedItem> items = node.loop.take();
    assertInstanceOf(FeedItem.Answer.class, items.get(0));
    assertInstanceOf(FeedItem.ToCaller.class, items.get(1));
    assertEquals(List.of(NO_PROVIDER), caller.signals("c1"));
    assertNothingUnderWay();
  }

  @Test
  void anAnswerNeedsNoAcceptance() {
    var provider = provider("p");
    call();
    answer(provider, respond("3"));
    assertEquals(List.of(responded("3")), caller.signals("c1"));
    assertNothingUnderWay();
  }

  @Test
  void noDataIsNotNull() {
    var provider = provider("p");
    caller.call("add", "c1", null);
    cluster.settle();
    assertEquals(null, provider.offers.getFirst().data());
    answer(provider, new ProviderAnswer.Respond(null));
    assertEquals(List.of(new CallSignal.Responded(null)), caller.signals("c1"));
  }

  @Test
  void anErrorIsForwarded() {
    var provider = provider("p");
    call();
    answer(provider, new ProviderAnswer.Fail(Json.parse("\"bad\"")));
    assertEquals(List.of(new CallSignal.Failed(Json.parse("\"bad\""))), caller.signals("c1"));
    assertNothingUnderWay();
  }

  @Test
  void theCallerItselfMayBeTheProvider() {
    caller.provide("add");
    call();
    assertEquals(1, caller.offers.size());
    answer(caller, respond("3"));
    assertEquals(List.of(responded("3")), caller.signals("c1"));
  }

  @Test
  void aRejectedCallGoesToTheNextAndToEachOnce() {
    var one = provider("one");
    var two = provider("two");
    call();
    var first = asked(one, two);
    answer(first, Reject.REJECT);
    var second = asked(one, two);
    assertNotEquals(first, second);
    assertEquals(List.of(), caller.signals("c1"));
    answer(second, Reject.REJECT);
    assertEquals(List.of(), one.offers);
    assertEquals(List.of(), two.offers);
    assertEquals(List.of(NO_PROVIDER), caller.signals("c1"));
    assertNothingUnderWay();
  }

  @Test
  void aProviderThatComesLateIsAskedToo() {
    var one = provider("one");
    call();
    var two = provider("two");
    answer(one, Reject.REJECT);
    assertEquals(1, two.offers.size());
  }

  @Test
  void everyProviderHasItsShare() {
    Map<Cluster.Client, Integer> shares = new HashMap<>();
    var providers = List.of(provider("one"), provider("two"), provider("three"));
    for (int i = 0; i < 300; i++) {
      caller.call("add", "c" + i, null);
    }
    cluster.settle();
    providers.forEach(each -> shares.put(each, each.offers.size()));
    assertEquals(300, shares.values().stream().mapToInt(Integer::intValue).sum());
    assertTrue(shares.values().stream().allMatch(share -> share > 60), shares::toString);
  }

  @Test
  void withoutAcceptanceTheCallTimesOut() {
    var provider = provider("p");
    call();
    cluster.pass(ACCEPT.minus(MOMENT));
    assertEquals(List.of(), caller.signals("c1"));
    cluster.pass(MOMENT);
    assertEquals(List.of(ACCEPT_TIMED_OUT), caller.signals("c1"));
    assertEquals(Outcome.CallMismatch.NO_SUCH_CALL, answer(provider, respond("3")));
    assertEquals(List.of(ACCEPT_TIMED_OUT), caller.signals("c1"));
    assertNothingUnderWay();
  }

  @Test
  void withoutAnswerTheCallTimesOut() {
    var provider = provider("p");
    call();
    answer(provider, Accept.ACCEPT);
    cluster.pass(RESPONSE.minus(MOMENT));
    assertEquals(List.of(ACCEPTED), caller.signals("c1"));
    cluster.pass(MOMENT);
    assertEquals(List.of(ACCEPTED, RESPONSE_TIMED_OUT), caller.signals("c1"));
    assertEquals(Outcome.CallMismatch.NO_SUCH_CALL, answer(provider, respond("3")));
    assertNothingUnderWay();
  }

  @Test
  void bothTimersBeginAgainWithEachProvider() {
    var one = provider("one");
    var two = provider("two");
    call();
    var first = asked(one, two);
    cluster.pass(ACCEPT.minus(MOMENT));
    answer(first, Reject.REJECT);
    var second = asked(one, two);
    cluster.pass(ACCEPT.minus(MOMENT));
    assertEquals(List.of(), caller.signals("c1"));
    answer(second, Accept.ACCEPT);
    cluster.pass(RESPONSE.minus(ACCEPT));
    assertEquals(List.of(ACCEPTED), caller.signals("c1"));
    cluster.pass(ACCEPT);
    assertEquals(List.of(ACCEPTED, RESPONSE_TIMED_OUT), caller.signals("c1"));
  }

  /// Upstream leaves the timer of the first acceptance running (reference 22.11).
  @Test
  void theAcceptTimerEndsAlsoWhenASecondProviderAccepts() {
    var one = provider("one");
    var two = provider("two");
    call();
    var first = asked(one, two);
    answer(first, Accept.ACCEPT);
    answer(first, Reject.REJECT);
    var second = asked(one, two);
    answer(second, Accept.ACCEPT);
    cluster.pass(ACCEPT.multipliedBy(3));
    answer(second, respond("3"));
    assertEquals(List.of(ACCEPTED, ACCEPTED, responded("3")), caller.signals("c1"));
    assertNothingUnderWay();
  }

  /// After a rejected acceptance the next provider has to accept in time again.
  @Test
  void anEarlierAcceptanceDoesNotCountForTheNextProvider() {
    var one = provider("one");
    var two = provider("two");
    call();
    var first = asked(one, two);
    answer(first, Accept.ACCEPT);
    answer(first, Reject.REJECT);
    cluster.pass(ACCEPT);
    assertEquals(List.of(ACCEPTED, ACCEPT_TIMED_OUT), caller.signals("c1"));
  }

  @Test
  void aSecondAcceptanceIsToldSo() {
    var provider = provider("p");
    call();
    answer(provider, Accept.ACCEPT);
    assertEquals(Outcome.CallMismatch.ALREADY_ACCEPTED, answer(provider, Accept.ACCEPT));
    assertEquals(List.of(ACCEPTED), caller.signals("c1"));
    answer(provider, respond("3"));
    assertEquals(Outcome.CallMismatch.NO_SUCH_CALL, answer(provider, Accept.ACCEPT));
  }

  /// Reference 22.5: upstream lets anybody answer who knows the id.
  @Test
  void onlyTheProviderThatWasAskedMayAnswer() {
    var one = provider("one");
    var two = provider("two");
    call();
    var asked = asked(one, two);
    var other = asked == one ? two : one;
    for (ProviderAnswer each :
        List.of(Accept.ACCEPT, Reject.REJECT, respond("0"), new ProviderAnswer.Fail(null))) {
      assertEquals(Outcome.CallMismatch.NO_SUCH_CALL, answer(other, each));
      assertEquals(Outcome.CallMismatch.NO_SUCH_CALL, answer(caller, each));
    }
    assertEquals(List.of(), caller.signals("c1"));
    var wrongName = asked.answer("sub", "c1", respond("0"));
    cluster.settle();
    assertEquals(Outcome.CallMismatch.NO_SUCH_CALL, wrongName.outcome());
    answer(asked, respond("3"));
    assertEquals(List.of(responded("3")), caller.signals("c1"));
  }

  @Test
  void whoRejectedMayNotAnswerAnyMore() {
    var one = provider("one");
    var two = provider("two");
    call();
    var first = asked(one, two);
    answer(first, Reject.REJECT);
    assertEquals(Outcome.CallMismatch.NO_SUCH_CALL, answer(first, respond("0")));
    answer(asked(one, two), respond("3"));
    assertEquals(List.of(responded("3")), caller.signals("c1"));
  }

  @Test
  void aProviderThatLeavesBeforeItAcceptedIsReplaced() {
    var one = provider("one");
    var two = provider("two");
    call();
    var first = asked(one, two);
    first.leave();
    cluster.settle();
    var second = asked(one, two);
    assertNotEquals(first, second);
    second.leave();
    cluster.settle();
    assertEquals(List.of(NO_PROVIDER), caller.signals("c1"));
    assertNothingUnderWay();
  }

  /// The work may have been done: it must not be done twice.
  @Test
  void aProviderThatLeavesAfterItAcceptedIsNotReplaced() {
    var one = provider("one");
    var two = provider("two");
    call();
    var first = asked(one, two);
    answer(first, Accept.ACCEPT);
    first.leave();
    cluster.settle();
    assertEquals(List.of(ACCEPTED, RESPONSE_TIMED_OUT), caller.signals("c1"));
    assertEquals(List.of(), one.offers);
    assertEquals(List.of(), two.offers);
    assertNothingUnderWay();
  }

  @Test
  void whatIsUnderWayGoesOnWhenTheProcedureIsWithdrawn() {
    var provider = provider("p");
    call();
    var withdrawn = provider.unprovide("add", "never");
    cluster.settle();
    assertEquals("+ =", withdrawn.perName());
    caller.call("add", "c2", null);
    cluster.settle();
    assertEquals(List.of(NO_PROVIDER), caller.signals("c2"));
    answer(provider, Accept.ACCEPT);
    answer(provider, respond("3"));
    assertEquals(List.of(ACCEPTED, responded("3")), caller.signals("c1"));
  }

  @Test
  void providingTwiceChangesNothing() {
    var provider = node.client("p");
    var reply = provider.provide("add", "add", "");
    cluster.settle();
    assertEquals("+ = INVALID_NAME", reply.perName());
    provider.unprovide("add");
    call();
    assertEquals(List.of(NO_PROVIDER), caller.signals("c1"));
  }

  @Test
  void theCallsOfACallerThatLeftAreOver() {
    var provider = provider("p");
    call();
    caller.leave();
    cluster.settle();
    assertEquals(Outcome.CallMismatch.NO_SUCH_CALL, answer(provider, respond("3")));
    assertEquals(List.of(), caller.signals("c1"));
    assertNothingUnderWay();
  }

  @Test
  void aCorrelationIdMayBeUsedAgainOnlyWhenItsCallIsOver() {
    var provider = provider("p");
    call();
    var second = caller.call("add", "c1", null);
    cluster.settle();
    assertEquals(ErrorCode.INVALID_ARGUMENT, second.refused().code());
    answer(provider, respond("3"));
    assertEquals(List.of(responded("3")), caller.signals("c1"));
    call();
    assertEquals(2, provider.offers.size());
  }

  /// Correlation ids are the callers' own; a provider cannot tell two calls with the same apart.
  @Test
  void aProviderNeverHasTwoCallsWithTheSameId() {
    var one = provider("one");
    var two = provider("two");
    call();
    var first = asked(one, two);
    var other = node.client("other");
    other.call("add", "c1", null);
    cluster.settle();
    var second = asked(one, two);
    assertNotEquals(first, second);
    var third = node.client("third");
    third.call("add", "c1", null);
    cluster.settle();
    assertEquals(List.of(NO_PROVIDER), third.signals("c1"));
    answer(second, respond("2"));
    answer(first, respond("1"));
    assertEquals(List.of(responded("1")), caller.signals("c1"));
    assertEquals(List.of(responded("2")), other.signals("c1"));
  }

  @Test
  void callsAreBoundedPerSession() {
    var options = options(new RpcOptions(ACCEPT, RESPONSE, false, false, 2));
    var small = cluster.node("small", Guard.OPEN, options, new Random(1));
    var provider = provider(small, "p");
    var eager = small.client("eager");
    eager.call("add", "c1", null);
    eager.call("add", "c2", null);
    var third = eager.call("add", "c3", null);
    var other = small.client("other").call("add", "c4", null);
    cluster.settle();
    assertEquals(ErrorCode.LIMIT_REACHED, third.refused().code());
    assertEquals(Outcome.Done.DONE, other.outcome());
    answer(provider, respond("1"));
    var again = eager.call("add", "c3", null);
    cluster.settle();
    assertEquals(Outcome.Done.DONE, again.outcome());
  }

  @Test
  void theBytesOfCallsAreBoundedPerSession() {
    var provider = provider("p");
    String mebibyte = "\"" + "x".repeat((1 << 20) - 2) + "\"";
    for (int i = 0; i < 15; i++) {
      caller.call("add", "c" + i, mebibyte);
    }
    var last = caller.call("add", "c15", mebibyte);
    cluster.settle();
    assertEquals(15, provider.offers.size());
    assertEquals(ErrorCode.LIMIT_REACHED, last.refused().code());
    answer(provider, respond("1"));
    var again = caller.call("add", "c15", mebibyte);
    cluster.settle();
    assertEquals(Outcome.Done.DONE, again.outcome());
  }

  private static EngineOptions options(RpcOptions rpc) {
    EngineOptions defaults = EngineOptions.DEFAULT;
    return new EngineOptions(
        defaults.limits(), defaults.listen(), rpc, 1 << 10, 64, 1 << 20, 1 << 20);
  }

  @Test
  void providersAreToldWhoCallsIfTheOptionsSaySo() {
    var options = options(new RpcOptions(ACCEPT, RESPONSE, true, true, 10));
    var telling = cluster.node("telling", Guard.OPEN, options, new Random(1));
    var provider = provider(telling, "p");
    telling.client("ada").call("add", "c1", null);
    cluster.settle();
    assertEquals(
        List.of(new CallOffer("add", "c1", null, "ada", Json.parse("{\"of\":1}"))),
        provider.offers);
  }

  @Test
  void providingAndCallingAreGuarded() {
    var call = new Subject.OfName("add", Json.parse("13"));
    var guarded =
        cluster.node(
            "guarded",
            request ->
                request.action() == GuardAction.RPC_PROVIDE
                            && request.subject().equals(new Subject.OfName("secret", null))
                        || request.action() == GuardAction.RPC_REQUEST
                            && request.subject().equals(call)
                    ? GuardAnswer.Deny.DENY
                    : GuardAnswer.Allow.ALLOW,
            EngineOptions.DEFAULT,
            new Random(1));
    var provider = guarded.client("p");
    var provided = provider.provide("secret", "add");
    var eve = guarded.client("eve");
    var denied = eve.call("add", "c1", "13");
    var allowed = eve.call("add", "c2", "14");
    var invalid = eve.call("", "c3", "14");
    eve.call("secret", "c4", null);
    cluster.settle();
    assertEquals("FORBIDDEN +", provided.perName());
    assertEquals(ErrorCode.FORBIDDEN, denied.refused().code());
    assertEquals(Outcome.Done.DONE, allowed.outcome());
    assertEquals(ErrorCode.INVALID_NAME, invalid.refused().code());
    assertEquals(List.of(NO_PROVIDER), eve.signals("c4"));
    assertEquals(1, provider.offers.size());
  }
}
