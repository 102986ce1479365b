// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.Subject;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.server.deepstream.DeepstreamMeter.Refusal;
import io.freshet.server.deepstream.DoorHarness.Peer;
import io.freshet.server.deepstream.wire.Action;
import io.freshet.server.deepstream.wire.EventAction;
import io.freshet.server.deepstream.wire.Message;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import io.freshet.server.deepstream.wire.Slice;
import io.freshet.server.deepstream.wire.TopicMessage;
import io.freshet.server.session.OpenAuthenticator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Protocol reference, section 6, and fan-out of events.
class EventsTest {
  private DoorHarness harness = new DoorHarness();

  static TopicMessage of(Action action, String... names) {
    TopicMessage message = TopicMessage.of(action);
    return names.length == 0 ? message : message.names(List.of(names)).correlationId("0");
  }

  static Slice raw(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new Slice(bytes, 0, bytes.length);
  }

  private static TopicMessage emit(String name, String json) {
    TopicMessage message = TopicMessage.of(EventAction.EMIT).name(name);
    return json == null ? message : message.data(raw(json));
  }

  private Peer subscriber(String... names) {
    return subscriber(harness.loops.getFirst(), names);
  }

  private Peer subscriber(EmbeddedChannel loop, String... names) {
    Peer peer = harness.client("7.0.5", loop);
    assertEquals(
        List.of("EVENT SUBSCRIBE correlationId=0 isAck"),
        peer.ask(of(EventAction.SUBSCRIBE, names)));
    return peer;
  }

  private static List<String> numbers(String name, int from, int to) {
    return IntStream.rangeClosed(from, to)
        .mapToObj(n -> "EVENT EMIT name=" + name + " data=" + n)
        .toList();
  }

  @Test
  void othersGetWhatIsEmittedAndTheEmitterDoesNot() {
    Peer emitter = subscriber("news");
    Peer other = subscriber("news");
    Peer stranger = subscriber("sport");
    assertEquals(List.of(), emitter.ask(emit("news", "{\"a\":[1,2.5]}")));
    assertEquals(List.of("EVENT EMIT name=news data={\"a\":[1,2.5]}"), other.take());
    assertEquals(List.of(), stranger.take());
  }

  @Test
  void noDataStaysNoDataAndNullIsNull() {
    Peer other = subscriber("news");
    Peer emitter = harness.client();
    emitter.burst(emit("news", null), emit("news", "null"), emit("news", "\"\""));
    harness.settle();
    assertEquals(
        List.of(
            "EVENT EMIT name=news",
            "EVENT EMIT name=news data=null",
            "EVENT EMIT name=news data=\"\""),
        other.take());
  }

  @Test
  void subscribingAgainIsSaidAndAcknowledged() {
    Peer peer = subscriber("a");
    assertEquals(
        List.of(
            "EVENT MULTIPLE_SUBSCRIPTIONS name=a originalAction=SUBSCRIBE",
            "EVENT SUBSCRIBE correlationId=0 isAck"),
        peer.ask(of(EventAction.SUBSCRIBE, "b", "a")));
    harness.client().ask(emit("a", "1"));
    assertEquals(numbers("a", 1, 1), peer.take(), "once");
    assertEquals(2, harness.subscriptions);
  }

  @Test
  void oneNameAloneIsAListOfOneAndAcknowledgedUnderIt() {
    Peer peer = harness.client();
    assertEquals(
        List.of("EVENT SUBSCRIBE name=a isAck"),
        peer.ask(TopicMessage.of(EventAction.SUBSCRIBE).name("a")));
    harness.client().ask(emit("a", "1"));
    assertEquals(numbers("a", 1, 1), peer.take());
    assertEquals(
        List.of("EVENT UNSUBSCRIBE name=a isAck"),
        peer.ask(TopicMessage.of(EventAction.UNSUBSCRIBE).name("a")));
  }

  @Test
  void unsubscribingWhatIsNotSubscribedIsSaidOnlyInTheFormWithOneName() {
    Peer peer = harness.client();
    assertEquals(
        List.of("EVENT UNSUBSCRIBE correlationId=0 isAck"),
        peer.ask(of(EventAction.UNSUBSCRIBE, "a")));
    assertEquals(
        List.of(
            "EVENT NOT_SUBSCRIBED name=a originalAction=UNSUBSCRIBE",
            "EVENT UNSUBSCRIBE name=a isAck"),
        peer.ask(TopicMessage.of(EventAction.UNSUBSCRIBE).name("a")));
  }

  @Test
  void nothingComesAfterUnsubscribing() {
    Peer peer = subscriber("a", "b");
    Peer emitter = harness.client();
    emitter.send(emit("a", "1"));
    peer.send(of(EventAction.UNSUBSCRIBE, "a"));
    emitter.burst(emit("a", "2"), emit("b", "3"));
    harness.settle();
    List<String> received = peer.take();
    assertEquals(
        List.of("EVENT UNSUBSCRIBE correlationId=0 isAck", "EVENT EMIT name=b data=3"), received);
    assertEquals(1, harness.subscriptions);
  }

  @Test
  void subscribingUnsubscribingAndSubscribingInOneBurst() {
    Peer peer = harness.client();
    peer.burst(
        of(EventAction.SUBSCRIBE, "a"),
        of(EventAction.UNSUBSCRIBE, "a"),
        of(EventAction.SUBSCRIBE, "a"));
    harness.settle();
    assertEquals(3, peer.take().size());
    harness.client().ask(emit("a", "1"));
    assertEquals(numbers("a", 1, 1), peer.take());
    peer.burst(of(EventAction.SUBSCRIBE, "b"), of(EventAction.UNSUBSCRIBE, "b"));
    harness.settle();
    peer.take();
    harness.client().ask(emit("b", "1"));
    assertEquals(List.of(), peer.take());
  }

  @Test
  void whoLeavesIsForgotten() {
    Peer peer = subscriber("a", "b");
    peer.disconnect();
    harness.settle();
    assertEquals(0, harness.subscriptions);
    harness.client().ask(emit("a", "1"));
    assertEquals(List.of(), peer.take());
  }

  // Refusals.

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "notjson", "{\"a\":1,}", "[1] 2", "01", "'x'", "undefined"})
  void malformedDataIsAnswered(String data) {
    Peer peer = harness.client();
    List<String> answers = peer.ask(emit("news", data));
    assertEquals(1, answers.size());
    assertTrue(
        answers.getFirst().startsWith("EVENT INVALID_MESSAGE_DATA name=news data=\"INVALID_JSON"));
    assertTrue(answers.getFirst().endsWith("originalAction=EMIT isError"));
    assertFalse(peer.closed);
  }

  @ParameterizedTest
  @EnumSource(
      value = EventAction.class,
      names = {"SUBSCRIBE", "UNSUBSCRIBE", "LISTEN", "UNLISTEN", "LISTEN_ACCEPT", "LISTEN_REJECT"})
  void malformedDataIsAnsweredWhereverItIs(EventAction action) {
    Peer peer = harness.client();
    List<String> answers =
        peer.ask(TopicMessage.of(action).name("a").subscription("b").data(raw("{")));
    assertEquals(1, answers.size(), answers.toString());
    assertTrue(answers.getFirst().startsWith("EVENT INVALID_MESSAGE_DATA name=a"));
    assertEquals(0, harness.subscriptions);
  }

  @Test
  void dataOverTheLimitsOfDocumentsIsRefused() {
    Peer peer = harness.client();
    String deep = "[".repeat(65) + "]".repeat(65);
    assertTrue(peer.ask(emit("a", deep)).getFirst().contains("TOO_DEEP"));
    assertTrue(peer.ask(emit("a", "1e400")).getFirst().contains("NUMBER_OUT_OF_RANGE"));
  }

  @ParameterizedTest
  @EnumSource(
      value = EventAction.class,
      names = {"EMIT", "SUBSCRIBE", "UNSUBSCRIBE", "LISTEN", "UNLISTEN", "LISTEN_ACCEPT"})
  void aMessageWithoutNameIsAnswered(EventAction action) {
    List<String> answers = harness.client().ask(TopicMessage.of(action));
    assertEquals(1, answers.size());
    assertTrue(
        answers.getFirst().startsWith("EVENT INVALID_MESSAGE_DATA data=\"INVALID_ARGUMENT"),
        answers.toString());
  }

  @Test
  void aListenersAnswerWithoutSubscriptionIsAnswered() {
    List<String> answers =
        harness.client().ask(TopicMessage.of(EventAction.LISTEN_ACCEPT).name("a"));
    assertTrue(answers.getFirst().startsWith("EVENT INVALID_MESSAGE_DATA name=a"));
  }

  @Test
  void whatCannotBeANameIsDeniedByItself() {
    Peer peer = harness.client();
    List<String> answers = peer.ask(of(EventAction.SUBSCRIBE, "", "ok", "x".repeat(513)));
    assertEquals(3, answers.size());
    assertTrue(answers.get(0).startsWith("EVENT MESSAGE_DENIED name= data=\"INVALID_NAME"));
    assertTrue(answers.get(0).endsWith("correlationId=0 originalAction=SUBSCRIBE isError"));
    assertTrue(answers.get(1).startsWith("EVENT MESSAGE_DENIED name=xxx"));
    assertEquals("EVENT SUBSCRIBE correlationId=0 isAck", answers.get(2));
    assertTrue(
        peer.ask(emit("x".repeat(513), "1")).getFirst().startsWith("EVENT INVALID_MESSAGE_DATA"));
  }

  @Test
  void actionsOfTheServerAreIgnored() {
    Peer peer = harness.client();
    for (EventAction action : EventAction.values()) {
      if (action.number() > 8) {
        assertEquals(List.of(), peer.ask(TopicMessage.of(action).name("a")));
      }
    }
    assertEquals(9, harness.count(Refusal.UNKNOWN));
  }

  private static DeepstreamOptions options(int subscriptionsMax, int pendingBytesMax) {
    return new DeepstreamOptions(
        "/",
        Duration.ofDays(1),
        1000,
        3,
        Duration.ofDays(1),
        subscriptionsMax,
        1000,
        1 << 20,
        pendingBytesMax,
        JsonLimits.DEFAULT,
        DeepstreamOptions.Features.ALL);
  }

  @Test
  void recordsAndEventsCountTogether() {
    harness = new DoorHarness(options(3, 1 << 20), new OpenAuthenticator(), Guard.OPEN);
    Peer peer = harness.client();
    peer.subscribe("r");
    List<String> answers = peer.ask(of(EventAction.SUBSCRIBE, "a", "b", "c"));
    assertEquals(2, answers.size());
    assertTrue(answers.get(0).startsWith("EVENT MESSAGE_DENIED name=c data=\"LIMIT_REACHED"));
    assertEquals("EVENT SUBSCRIBE correlationId=0 isAck", answers.get(1));
    assertTrue(peer.subscribe("r2").getFirst().startsWith("MESSAGE_DENIED name=r2"));
    peer.ask(of(EventAction.UNSUBSCRIBE, "a"));
    assertEquals(
        List.of("EVENT SUBSCRIBE correlationId=0 isAck"), peer.ask(of(EventAction.SUBSCRIBE, "c")));
  }

  private static Guard forbidding(String forbidden, GuardAnswer answer) {
    return request ->
        request.subject() instanceof Subject.OfName(String name, var data) && forbidden.equals(name)
            ? answer
            : GuardAnswer.Allow.ALLOW;
  }

  @Test
  void aNameThatIsForbiddenIsDeniedAndTheOthersAreNot() {
    harness =
        new DoorHarness(
            DeepstreamOptions.DEFAULT,
            new OpenAuthenticator(),
            forbidding("secret", GuardAnswer.Deny.DENY));
    Peer peer = harness.client();
    List<String> answers = peer.ask(of(EventAction.SUBSCRIBE, "secret", "open"));
    assertEquals(2, answers.size());
    assertTrue(answers.get(0).startsWith("EVENT MESSAGE_DENIED name=secret"));
    assertTrue(answers.get(0).endsWith("correlationId=0 originalAction=SUBSCRIBE isError"));
    assertEquals("EVENT SUBSCRIBE correlationId=0 isAck", answers.get(1));
    assertEquals(1, peer.ask(of(EventAction.SUBSCRIBE, "secret")).size(), "no acknowledgement");
    assertEquals(1, harness.subscriptions);
    assertTrue(peer.ask(emit("secret", "1")).getFirst().endsWith("originalAction=EMIT isError"));
    assertTrue(
        peer.ask(TopicMessage.of(EventAction.LISTEN).name("secret"))
            .getFirst()
            .startsWith("EVENT MESSAGE_DENIED name=secret"));
  }

  // Fan-out.

  @Test
  void aBurstIsOneWriteAndOneFlushPerSubscriberOnEveryLoop() {
    EmbeddedChannel other = harness.anotherLoop();
    var peers = new ArrayList<Peer>();
    for (int i = 0; i < 100; i++) {
      peers.add(subscriber(i % 2 == 0 ? other : harness.loops.getFirst(), "a"));
    }
    int[] sends = peers.stream().mapToInt(peer -> peer.sends).toArray();
    int[] flushes = peers.stream().mapToInt(peer -> peer.flushes).toArray();
    harness
        .client()
        .burst(
            IntStream.rangeClosed(1, 16)
                .mapToObj(n -> emit("a", Integer.toString(n)))
                .toArray(Message[]::new));
    harness.settle();
    for (int i = 0; i < peers.size(); i++) {
      assertEquals(numbers("a", 1, 16), peers.get(i).take());
      assertEquals(1, peers.get(i).sends - sends[i]);
      assertEquals(1, peers.get(i).flushes - flushes[i]);
    }
    assertEquals(0, harness.backlog);
  }

  @Test
  void everyEmitterOfABurstGetsWhatTheOthersEmitted() {
    List<Peer> peers = List.of(subscriber("a"), subscriber("a"), subscriber("a"));
    peers.get(0).send(emit("a", "1"));
    peers.get(1).send(emit("a", "2"));
    peers.get(0).send(emit("a", "3"));
    harness.settle();
    assertEquals(numbers("a", 2, 2), peers.get(0).take());
    List<String> all = numbers("a", 1, 3);
    assertEquals(List.of(all.get(0), all.get(2)), peers.get(1).take());
    assertEquals(all, peers.get(2).take());
  }

  @Test
  void namesWhoseSubscribersOverlapLoseNothingAndKeepTheirOrder() {
    Peer both = subscriber("a", "b");
    Peer one = subscriber("a");
    Peer two = subscriber("b", "c");
    Peer emitter = subscriber("c");
    var burst = new ArrayList<Message>();
    for (int n = 1; n <= 60; n++) {
      burst.add(emit(List.of("a", "b", "c").get(n % 3), Integer.toString(n)));
    }
    emitter.burst(burst.toArray(Message[]::new));
    harness.settle();
    assertEquals(List.of(), emitter.take());
    List<String> received = both.take();
    assertEquals(40, received.size());
    assertEquals(one.take(), of(received, "a"));
    List<String> atTwo = two.take();
    assertEquals(of(atTwo, "b"), of(received, "b"));
    assertEquals(20, of(atTwo, "c").size());
  }

  private static List<String> of(List<String> received, String name) {
    return received.stream().filter(each -> each.contains("name=" + name + " ")).toList();
  }

  @Test
  void whoDoesNotReadIsClosedAndOthersGetEverything() {
    harness = new DoorHarness(options(1000, 500), new OpenAuthenticator(), Guard.OPEN);
    Peer slow = subscriber("a");
    Peer quick = subscriber("a");
    Peer emitter = harness.client();
    slow.setWritable(false);
    int n = 0;
    while (!slow.closed && n < 100) {
      emitter.ask(emit("a", Integer.toString(++n)));
    }
    assertTrue(slow.closed);
    assertEquals(1, harness.count(Refusal.SLOW));
    assertEquals(numbers("a", 1, n), quick.take());
    assertEquals(numbers("a", 1, n), slow.take());
    assertEquals(1, harness.subscriptions);
  }

  @Test
  void aLoopFarBehindHoldsUpNewEvents() {
    EmbeddedChannel other = harness.anotherLoop();
    subscriber(other, "a");
    harness.loops.remove(other); // from here on it does not run
    Peer emitter = harness.client();
    Message[] burst = java.util.Collections.nCopies(1000, emit("a", "1")).toArray(Message[]::new);
    for (int n = 0; emitter.reading && n < 1000; n++) {
      emitter.burst(burst);
      harness.settle();
    }
    assertFalse(emitter.reading, "the door holds back");
    harness.loops.add(other);
    harness.settle();
    assertTrue(emitter.reading);
    assertEquals(0, harness.backlog);
  }

  // Listening: the same rules as for records, with numbers of its own.

  @Test
  void aListenerIsAskedAcceptsAndIsToldTheEnd() {
    Peer provider = harness.client();
    assertEquals(
        List.of("EVENT LISTEN name=^s/ isAck"),
        provider.ask(TopicMessage.of(EventAction.LISTEN).name("^s/")));
    Peer peer = subscriber("s/1");
    assertEquals(
        List.of("EVENT SUBSCRIPTION_FOR_PATTERN_FOUND name=^s/ subscription=s/1"), provider.take());
    assertEquals(
        List.of(),
        provider.ask(TopicMessage.of(EventAction.LISTEN_ACCEPT).name("^s/").subscription("s/1")));
    assertEquals(List.of(), peer.take(), "nobody is told who provides an event");
    peer.ask(of(EventAction.UNSUBSCRIBE, "s/1"));
    assertEquals(
        List.of("EVENT SUBSCRIPTION_FOR_PATTERN_REMOVED name=^s/ subscription=s/1"),
        provider.take());
    assertEquals(
        List.of("EVENT UNLISTEN name=^s/ isAck"),
        provider.ask(TopicMessage.of(EventAction.UNLISTEN).name("^s/")));
  }

  @Test
  void existingSubscriptionsAreReplayedBehindTheAcknowledgement() {
    subscriber("s/1");
    assertEquals(
        List.of(
            "EVENT LISTEN name=^s/ isAck",
            "EVENT SUBSCRIPTION_FOR_PATTERN_FOUND name=^s/ subscription=s/1"),
        harness.client().ask(TopicMessage.of(EventAction.LISTEN).name("^s/")));
  }

  @Test
  void whoDoesNotAnswerIsToldSoAndTheNextIsAsked() {
    Peer first = harness.client();
    Peer second = harness.client();
    first.ask(TopicMessage.of(EventAction.LISTEN).name("^s/"));
    subscriber("s/1");
    second.ask(TopicMessage.of(EventAction.LISTEN).name("^s/"));
    first.take();
    second.take();
    harness.timersRing();
    assertEquals(List.of("EVENT LISTEN_RESPONSE_TIMEOUT subscription=s/1"), first.take());
    assertEquals(
        List.of("EVENT SUBSCRIPTION_FOR_PATTERN_FOUND name=^s/ subscription=s/1"), second.take());
  }

  @Test
  void listenersOfRecordsAreNotAskedForEvents() {
    Peer records = harness.client();
    records.ask(RecordMessage.of(RecordAction.LISTEN).name("^s/"));
    Peer events = harness.client();
    events.ask(TopicMessage.of(EventAction.LISTEN).name("^s/"));
    Peer peer = subscriber("s/event");
    peer.subscribe("s/record");
    assertEquals(
        List.of("SUBSCRIPTION_FOR_PATTERN_FOUND name=^s/ subscription=s/record"), records.take());
    assertEquals(
        List.of("EVENT SUBSCRIPTION_FOR_PATTERN_FOUND name=^s/ subscription=s/event"),
        events.take());
  }

  @Test
  void anInvalidPatternIsAnswered() {
    List<String> answers = harness.client().ask(TopicMessage.of(EventAction.LISTEN).name("("));
    assertTrue(answers.getFirst().startsWith("EVENT INVALID_LISTEN_REGEX name=("));
  }
}
