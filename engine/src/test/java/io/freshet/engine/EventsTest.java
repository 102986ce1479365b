// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.feed.Emission;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.ListenTopic;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.GuardRequest;
import io.freshet.engine.guard.Subject;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Events: who receives them, in which order, and who may.
class EventsTest {
  private static final DocumentKey RULES = new DocumentKey("rules", "events");

  private final Cluster cluster = new Cluster();

  private Cluster.Node guarded(String name, Guard guard) {
    return cluster.node(name, guard, EngineOptions.DEFAULT, new Random(1));
  }

  private static List<FeedItem.Events> events(List<FeedItem> items) {
    return items.stream()
        .filter(FeedItem.Events.class::isInstance)
        .map(FeedItem.Events.class::cast)
        .toList();
  }

  @Test
  void everyOtherSubscriberReceivesAnEvent() {
    var node = cluster.node("a");
    var ada = node.client("ada");
    var bob = node.client("bob");
    var eve = node.client("eve");
    assertAllDone(ada.subscribe("news"), bob.subscribe("news", "other"), eve.subscribe("other"));
    var emitted = ada.emit("news", "{\"n\":1}");
    cluster.settle();
    assertEquals(Outcome.Done.DONE, emitted.outcome());
    assertEquals(List.of(), ada.events, "not the emitter");
    assertEquals(List.of("news={\"n\":1}"), bob.events);
    assertEquals(List.of(), eve.events, "nobody else");
  }

  private void assertAllDone(Cluster.Reply... replies) {
    cluster.settle();
    for (Cluster.Reply reply : replies) {
      assertEquals("", reply.perName().replaceAll("[+ ]", ""));
    }
  }

  @Test
  void somebodyWhoDoesNotSubscribeMayEmit() {
    var node = cluster.node("a");
    var ada = node.client("ada");
    ada.subscribe("news");
    node.client("bob").emit("news", "1");
    cluster.settle();
    assertEquals(List.of("news=1"), ada.events);
  }

  @Test
  void noDataIsNotNull() {
    var node = cluster.node("a");
    var ada = node.client("ada");
    ada.subscribe("news");
    node.client("bob").emit("news", null);
    node.client("bob").emit("news", "null");
    cluster.settle();
    assertEquals(List.of("news=", "news=null"), ada.events);
  }

  @Test
  void allEventsOfATurnAreOneItemAtItsEnd() {
    var node = cluster.node("a");
    node.client("ada").subscribe("news", "weather");
    cluster.settle();
    node.loop.take();
    var bob = node.client("bob");
    bob.emit("news", "1");
    bob.emit("weather", "2");
    var late = node.client("eve");
    late.subscribe("news");
    bob.emit("news", "3");
    node.turn();
    List<FeedItem> items = node.loop.take();
    assertEquals(1, events(items).size());
    var last = assertInstanceOf(FeedItem.Events.class, items.getLast());
    assertEquals(
        List.of("1", "2", "3"),
        last.emissions().stream().map(each -> Json.text(each.data())).toList());
  }

  @Test
  void anOutletGetsAnEventOnceAndOnlyIfSomebodyThereSubscribes() {
    var node = cluster.node("a");
    var one = new Cluster.Loop();
    var two = new Cluster.Loop();
    var idle = new Cluster.Loop();
    node.client("ada", one).subscribe("news");
    node.client("bob", one).subscribe("news");
    node.client("eve", two).subscribe("news");
    node.client("joe", idle).subscribe("other");
    cluster.settle();
    node.client("kim").emit("news", "1");
    cluster.settle();
    List<FeedItem.Events> first = events(one.take());
    List<FeedItem.Events> second = events(two.take());
    assertEquals(1, first.size());
    assertEquals(1, first.getFirst().emissions().size());
    assertEquals(first, second, "the same emission, so that it is encoded once");
    assertEquals(List.of(), events(idle.take()));
    assertEquals(List.of(), events(node.loop.take()));
  }

  @Test
  void anEventOnlyTheEmitterSubscribesToGoesNowhere() {
    var node = cluster.node("a");
    var ada = node.client("ada");
    ada.subscribe("news");
    ada.emit("news", "1");
    cluster.settle();
    assertEquals(List.of(), events(node.loop.take()));
  }

  @Test
  void subscribingTwiceAndUnsubscribingWhatIsNotChangesNothing() {
    var node = cluster.node("a");
    var ada = node.client("ada");
    var first = ada.subscribe("news");
    var second = ada.subscribe("news", "other", "other");
    var third = ada.unsubscribe("news", "never");
    cluster.settle();
    assertEquals("+", first.perName());
    assertEquals("= + =", second.perName());
    assertEquals("+ =", third.perName());
    node.client("bob").emit("news", "1");
    cluster.settle();
    assertEquals(List.of(), ada.events);
  }

  @Test
  void onceUnsubscribedOrGoneNothingComesAndNothingIsKept() {
    var node = cluster.node("a");
    var ada = node.client("ada");
    var bob = node.client("bob");
    ada.subscribe("news", "weather");
    bob.subscribe("news");
    cluster.settle();
    ada.unsubscribe("news", "weather");
    bob.leave();
    node.client("eve").emit("news", "1");
    cluster.settle();
    assertEquals(List.of(), events(node.loop.take()));
    assertTrue(node.engine.messaging().isEmpty());
  }

  @Test
  void aNameThatIsNoneIsRefusedAndTheOthersAreNot() {
    var node = cluster.node("a");
    var ada = node.client("ada");
    String tooLong = "x".repeat(513);
    var reply = ada.subscribe("", "news", "a\nb", tooLong);
    var emitted = ada.emit("", "1");
    cluster.settle();
    assertEquals("INVALID_NAME + INVALID_NAME INVALID_NAME", reply.perName());
    assertEquals(ErrorCode.INVALID_NAME, emitted.refused().code());
  }

  @Test
  void aDeniedNameIsNotSubscribedAndTheOthersAre() {
    var node =
        guarded(
            "a",
            request ->
                request.action() == GuardAction.EVENT_SUBSCRIBE && name(request).equals("secret")
                    ? GuardAnswer.Deny.DENY
                    : GuardAnswer.Allow.ALLOW);
    var eve = node.client("eve");
    var reply = eve.subscribe("secret", "news");
    cluster.settle();
    assertEquals("FORBIDDEN +", reply.perName());
    node.client("ada").emit("secret", "1");
    node.client("ada").emit("news", "2");
    cluster.settle();
    assertEquals(List.of("news=2"), eve.events);
    assertEquals(
        List.of("news"),
        events(node.loop.take()).getFirst().emissions().stream().map(Emission::name).toList());
  }

  private static String name(GuardRequest request) {
    return request.subject() instanceof Subject.OfName(String name, var data) && name != null
        ? name
        : "";
  }

  @Test
  void aDeniedEventReachesNobodyAndTheGuardSeesItsData() {
    var node =
        guarded(
            "a",
            request -> {
              if (request.action() != GuardAction.EVENT_PUBLISH) {
                return GuardAnswer.Allow.ALLOW;
              }
              var subject = (Subject.OfName) request.subject();
              return subject.equals(new Subject.OfName("news", Json.parse("1")))
                  ? GuardAnswer.Deny.DENY
                  : subject.data() == null
                      ? new GuardAnswer.Failed("no data to judge")
                      : GuardAnswer.Allow.ALLOW;
            });
    var ada = node.client("ada");
    ada.subscribe("news");
    var denied = node.client("eve").emit("news", "1");
    var failed = node.client("eve").emit("news", null);
    node.client("eve").emit("news", "2");
    cluster.settle();
    assertEquals(ErrorCode.FORBIDDEN, denied.refused().code());
    assertEquals(ErrorCode.PERMISSION_ERROR, failed.refused().code());
    assertEquals("no data to judge", failed.refused().message());
    assertEquals(List.of("news=2"), ada.events);
  }

  /// Needs the rules for the first of a session's events only, so that the later ones could
  /// overtake it.
  private static Guard needingRulesFor(String data) {
    return request ->
        request.action() == GuardAction.EVENT_PUBLISH
                && request.subject().equals(new Subject.OfName("news", Json.parse(data)))
                && !request.loaded().containsKey(RULES)
            ? new GuardAnswer.Needs(List.of(RULES))
            : GuardAnswer.Allow.ALLOW;
  }

  @Test
  void eventsOfOneSessionKeepTheirOrderWhenOneWaitsForDocuments() {
    var node = guarded("a", needingRulesFor("1"));
    var ada = node.client("ada");
    ada.subscribe("news");
    cluster.settle();
    cluster.store.holdLoads();
    var slow = node.client("slow");
    var first = slow.emit("news", "1");
    slow.emit("news", "2");
    slow.leave();
    node.client("other").emit("news", "3");
    cluster.settle();
    assertTrue(first.isOpen());
    assertEquals(List.of("news=3"), ada.events, "others do not wait");
    cluster.store.releaseLoads();
    cluster.settle();
    assertEquals(List.of("news=3", "news=1", "news=2"), ada.events);
    ada.leave();
    cluster.settle();
    assertTrue(node.engine.messaging().isEmpty());
  }

  @Test
  void whatIsHeldBackMayHoldBackTheRestAgain() {
    var asked = new ArrayList<Subject>();
    var node =
        guarded(
            "a",
            request -> {
              if (request.action() == GuardAction.EVENT_PUBLISH && request.loaded().isEmpty()) {
                asked.add(request.subject());
                return new GuardAnswer.Needs(List.of(new DocumentKey("rules", "r" + asked.size())));
              }
              return GuardAnswer.Allow.ALLOW;
            });
    var ada = node.client("ada");
    ada.subscribe("news");
    cluster.settle();
    var slow = node.client("slow");
    cluster.store.holdLoads();
    for (int i = 1; i <= 4; i++) {
      slow.emit("news", "" + i);
    }
    cluster.settle();
    assertEquals(1, asked.size(), "the others were not decided yet");
    cluster.store.releaseLoads();
    cluster.settle();
    assertEquals(List.of("news=1", "news=2", "news=3", "news=4"), ada.events);
    assertEquals(0, node.engine.messaging().held().heldBack());
  }

  @Test
  void aRuleThatNeverHasEnoughIsAnError() {
    var node = guarded("a", request -> new GuardAnswer.Needs(List.of(RULES)));
    var ada = node.client("ada");
    var subscribed = ada.subscribe("news", "other");
    var emitted = ada.emit("news", "1");
    var listened = ada.listen(ListenTopic.EVENT, ".*");
    cluster.settle();
    assertEquals("PERMISSION_ERROR PERMISSION_ERROR", subscribed.perName());
    assertEquals(ErrorCode.PERMISSION_ERROR, emitted.refused().code());
    assertEquals(ErrorCode.PERMISSION_ERROR, listened.refused().code());
    assertTrue(node.engine.messaging().isEmpty());
  }

  @Test
  void listenersAreAskedForTheFirstSubscriberAndToldOfTheLast() {
    var node = cluster.node("a");
    var provider = node.client("provider");
    var ada = node.client("ada");
    var bob = node.client("bob");
    provider.listen(ListenTopic.EVENT, "^ne");
    cluster.settle();
    ada.subscribe("news");
    cluster.settle();
    assertEquals(List.of("EVENT FOUND news"), provider.listening);
    provider.submit(
        new io.freshet.engine.command.Command.ListenAnswer(
            new Cluster.Reply(provider), ListenTopic.EVENT, "^ne", "news", true));
    bob.subscribe("news");
    ada.unsubscribe("news");
    cluster.settle();
    assertEquals(List.of("EVENT FOUND news"), provider.listening);
    bob.leave();
    cluster.settle();
    assertEquals(List.of("EVENT FOUND news", "EVENT REMOVED news"), provider.listening);
  }

  @Test
  void theQuestionsOfASubscriptionStandBehindItsAnswer() {
    var node = cluster.node("a");
    var ada = node.client("ada");
    ada.listen(ListenTopic.EVENT, ".");
    cluster.settle();
    node.loop.take();
    ada.subscribe("news");
    node.turn();
    List<FeedItem> items = node.loop.take();
    assertInstanceOf(FeedItem.Answer.class, items.get(0));
    assertInstanceOf(FeedItem.ToListener.class, items.get(1));
  }

  @Test
  void listenersOfRecordsAreNotAskedAboutEvents() {
    var node = cluster.node("a");
    var provider = node.client("provider");
    provider.listen(ListenTopic.RECORD, ".*");
    node.client("ada").subscribe("news");
    cluster.settle();
    assertEquals(List.of(), provider.listening);
  }

  @Test
  void listeningOnEventsIsGuardedByItself() {
    var node =
        guarded(
            "a",
            request ->
                request.action() == GuardAction.EVENT_LISTEN
                    ? GuardAnswer.Deny.DENY
                    : GuardAnswer.Allow.ALLOW);
    var eve = node.client("eve");
    var events = eve.listen(ListenTopic.EVENT, ".*");
    var records = eve.listen(ListenTopic.RECORD, ".*");
    node.client("ada").subscribe("news");
    cluster.settle();
    assertEquals(ErrorCode.FORBIDDEN, events.refused().code());
    assertEquals(Outcome.Done.DONE, records.outcome());
    assertEquals(List.of(), eve.listening);
  }

  /// A rule that wants to see documents first is not a rule that allows.
  @Test
  void listeningWaitsForTheDocumentsItsRuleNeeds() {
    var node =
        guarded(
            "a",
            request ->
                request.action() != GuardAction.LISTEN
                    ? GuardAnswer.Allow.ALLOW
                    : request.loaded().containsKey(RULES)
                        ? GuardAnswer.Deny.DENY
                        : new GuardAnswer.Needs(List.of(RULES)));
    var reply = node.client("eve").listen(ListenTopic.RECORD, ".*");
    cluster.settle();
    assertEquals(ErrorCode.FORBIDDEN, reply.refused().code());
  }

  @Test
  void anEventTheBusCannotTakeIsRefusedAndReachesNobody() {
    var here = cluster.node("a");
    var there = cluster.node("b");
    var ada = here.client("ada");
    var bob = there.client("bob");
    ada.subscribe("news");
    bob.subscribe("news");
    cluster.settle();
    cluster.bus.refuse("a", true);
    var refused = here.client("eve").emit("news", "1");
    cluster.settle();
    cluster.bus.refuse("a", false);
    here.client("eve").emit("news", "2");
    cluster.settle();
    assertEquals(ErrorCode.OVERLOADED, refused.refused().code());
    assertEquals(List.of("news=2"), ada.events);
    assertEquals(List.of("news=2"), bob.events);
  }

  /// Both nodes count their emissions from one: the number says nothing elsewhere.
  @Test
  void anEventReachesTheSubscribersOfAllNodesOnce() {
    var here = cluster.node("a");
    var there = cluster.node("b");
    var ada = here.client("ada");
    var bob = there.client("bob");
    var eve = there.client("eve");
    ada.subscribe("news");
    bob.subscribe("news");
    eve.subscribe("news");
    cluster.settle();
    ada.emit("news", "1");
    bob.emit("news", "2");
    cluster.settle();
    assertEquals(List.of("news=2"), ada.events);
    assertEquals(List.of("news=1"), bob.events);
    assertEquals(List.of("news=2", "news=1"), eve.events);
    Emission foreign = events(here.loop.take()).getFirst().emissions().getFirst();
    assertNull(foreign.emitter());
  }

  @Test
  void foreignEventsBeyondTheBoundAreDroppedAndCounted() {
    EngineOptions defaults = EngineOptions.DEFAULT;
    var options =
        new EngineOptions(
            defaults.limits(), defaults.listen(), defaults.rpc(), 4, 64, 1 << 20, 1 << 20);
    var here = cluster.node("a", Guard.OPEN, options, new Random(1));
    var there = cluster.node("b");
    var ada = here.client("ada");
    ada.subscribe("news");
    cluster.settle();
    for (int i = 0; i < 7; i++) {
      there.client("bob").emit("news", "" + i);
    }
    there.turn();
    cluster.bus.pump();
    cluster.settle();
    assertEquals(List.of("news=0", "news=1", "news=2", "news=3"), ada.events);
    assertEquals(3, here.engine.messaging().eventsDropped());
    there.client("bob").emit("news", "7");
    cluster.settle();
    assertEquals("news=7", ada.events.getLast());
  }
}
