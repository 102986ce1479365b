// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import static io.freshet.server.deepstream.EventsTest.of;
import static io.freshet.server.deepstream.EventsTest.raw;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.server.deepstream.DoorHarness.Peer;
import io.freshet.server.deepstream.wire.PresenceAction;
import io.freshet.server.deepstream.wire.TopicMessage;
import io.freshet.server.session.OpenAuthenticator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Protocol reference, section 10.
class PresenceTest {
  private DoorHarness harness = new DoorHarness();
  private final TopicMessage queryAll = TopicMessage.of(PresenceAction.QUERY_ALL);

  @Test
  void everybodyElseIsThere() {
    Peer asker = harness.user("a");
    assertEquals(List.of("PRESENCE QUERY_ALL_RESPONSE"), asker.ask(queryAll));
    harness.user("b");
    harness.user("c");
    harness.user("a");
    String names = asker.ask(queryAll).getFirst().replace("PRESENCE QUERY_ALL_RESPONSE names=", "");
    assertEquals(Set.of("b", "c"), Stream.of(names.split(",")).collect(Collectors.toSet()));
  }

  @Test
  void thoseAskedAboutAreThereOrNot() {
    Peer asker = harness.user("a");
    Peer other = harness.user("b");
    TopicMessage query = of(PresenceAction.QUERY, "b", "x", "a");
    assertEquals(
        List.of("PRESENCE QUERY_RESPONSE data={\"b\":true,\"x\":false,\"a\":true} correlationId=0"),
        asker.ask(query));
    other.disconnect();
    harness.settle();
    assertEquals(
        List.of(
            "PRESENCE QUERY_RESPONSE data={\"b\":false,\"x\":false,\"a\":true} correlationId=0"),
        asker.ask(query));
  }

  @Test
  void theFirstConnectionComesAndTheLastOneGoes() {
    Peer all = harness.user("watcher");
    assertEquals(
        List.of("PRESENCE SUBSCRIBE_ALL isAck"),
        all.ask(TopicMessage.of(PresenceAction.SUBSCRIBE_ALL)));
    Peer one = harness.user("watcher2");
    assertEquals(
        List.of("PRESENCE SUBSCRIBE correlationId=0 isAck"),
        one.ask(of(PresenceAction.SUBSCRIBE, "b")));
    all.take();
    Peer first = harness.user("b");
    assertEquals(List.of("PRESENCE PRESENCE_JOIN_ALL name=b"), all.take());
    assertEquals(List.of("PRESENCE PRESENCE_JOIN name=b"), one.take());
    Peer second = harness.user("b");
    first.disconnect();
    harness.settle();
    assertEquals(List.of(), all.take());
    assertEquals(List.of(), one.take());
    second.disconnect();
    harness.settle();
    assertEquals(List.of("PRESENCE PRESENCE_LEAVE_ALL name=b"), all.take());
    assertEquals(List.of("PRESENCE PRESENCE_LEAVE name=b"), one.take());
  }

  @Test
  void whoWatchesBothIsToldBothEverybodyFirst() {
    Peer peer = harness.user("a");
    peer.ask(of(PresenceAction.SUBSCRIBE, "b"));
    peer.ask(TopicMessage.of(PresenceAction.SUBSCRIBE_ALL));
    harness.user("b").disconnect();
    harness.settle();
    assertEquals(
        List.of(
            "PRESENCE PRESENCE_JOIN_ALL name=b",
            "PRESENCE PRESENCE_JOIN name=b",
            "PRESENCE PRESENCE_LEAVE_ALL name=b",
            "PRESENCE PRESENCE_LEAVE name=b"),
        peer.take());
  }

  @Test
  void whoSeesTheLoginSeesThePresence() {
    Peer asker = harness.user("a");
    Peer other = harness.connect();
    other.challenge("7.0.5");
    other.login("{\"username\":\"b\"}");
    assertEquals(2, other.take().size(), "logged in, and the engine has not moved yet");
    asker.send(queryAll);
    harness.settle();
    assertEquals(List.of("PRESENCE QUERY_ALL_RESPONSE names=b"), asker.take());
  }

  @Test
  void aFullEngineDelaysThePresenceButNobodyOvertakesIt() {
    harness.inboxOpen = false;
    Peer peer = harness.connect();
    peer.challenge("7.0.5");
    peer.login("{\"username\":\"b\"}");
    peer.send(of(PresenceAction.QUERY, "b"));
    harness.inboxOpen = true;
    peer.send(of(PresenceAction.QUERY, "b"));
    harness.settle();
    String there = "PRESENCE QUERY_RESPONSE data={\"b\":true} correlationId=0";
    assertEquals(List.of(there, there), peer.take().stream().skip(2).toList());
  }

  @Test
  void subscribingAgainAndUnsubscribing() {
    Peer peer = harness.user("a");
    TopicMessage all = TopicMessage.of(PresenceAction.SUBSCRIBE_ALL);
    peer.ask(all);
    assertEquals(
        List.of(
            "PRESENCE MULTIPLE_SUBSCRIPTIONS originalAction=SUBSCRIBE_ALL",
            "PRESENCE SUBSCRIBE_ALL isAck"),
        peer.ask(all));
    peer.ask(of(PresenceAction.SUBSCRIBE, "b"));
    assertEquals(
        List.of(
            "PRESENCE MULTIPLE_SUBSCRIPTIONS name=b originalAction=SUBSCRIBE",
            "PRESENCE SUBSCRIBE correlationId=0 isAck"),
        peer.ask(of(PresenceAction.SUBSCRIBE, "b", "c")));
    assertEquals(3, harness.subscriptions);
    assertEquals(
        List.of("PRESENCE UNSUBSCRIBE_ALL isAck"),
        peer.ask(TopicMessage.of(PresenceAction.UNSUBSCRIBE_ALL)));
    assertEquals(
        List.of("PRESENCE UNSUBSCRIBE correlationId=0 isAck"),
        peer.ask(of(PresenceAction.UNSUBSCRIBE, "b", "c", "never")));
    assertEquals(
        List.of(
            "PRESENCE NOT_SUBSCRIBED originalAction=UNSUBSCRIBE_ALL",
            "PRESENCE UNSUBSCRIBE_ALL isAck"),
        peer.ask(TopicMessage.of(PresenceAction.UNSUBSCRIBE_ALL)));
    assertEquals(
        List.of(
            "PRESENCE NOT_SUBSCRIBED name=b originalAction=UNSUBSCRIBE",
            "PRESENCE UNSUBSCRIBE name=b isAck"),
        peer.ask(TopicMessage.of(PresenceAction.UNSUBSCRIBE).name("b")));
    assertEquals(0, harness.subscriptions);
    harness.user("b");
    assertEquals(List.of(), peer.take());
  }

  @Test
  void subscribingToNobodyIsNotSubscribingToEverybody() {
    Peer peer = harness.user("a");
    for (PresenceAction action :
        List.of(PresenceAction.SUBSCRIBE, PresenceAction.UNSUBSCRIBE, PresenceAction.QUERY)) {
      List<String> answers = peer.ask(TopicMessage.of(action).correlationId("0"));
      assertEquals(1, answers.size());
      assertTrue(answers.getFirst().startsWith("PRESENCE INVALID_PRESENCE_USERS data=\"INVALID"));
      assertTrue(answers.getFirst().endsWith("originalAction=" + action + " isError"));
    }
    List<String> empty = peer.ask(of(PresenceAction.SUBSCRIBE, ""));
    assertTrue(empty.getFirst().startsWith("PRESENCE MESSAGE_DENIED name= data=\"INVALID_NAME"));
    harness.user("b");
    assertEquals(List.of(), peer.take());
  }

  @ParameterizedTest
  @EnumSource(
      value = PresenceAction.class,
      names = {
        "QUERY_ALL",
        "QUERY",
        "SUBSCRIBE",
        "UNSUBSCRIBE",
        "SUBSCRIBE_ALL",
        "UNSUBSCRIBE_ALL"
      })
  void malformedDataIsAnswered(PresenceAction action) {
    List<String> answers = harness.user("a").ask(TopicMessage.of(action).name("b").data(raw("{")));
    assertEquals(1, answers.size());
    assertTrue(answers.getFirst().startsWith("PRESENCE INVALID_PRESENCE_USERS name=b"));
  }

  @Test
  void askingCanBeForbidden() {
    harness =
        new DoorHarness(
            DeepstreamOptions.DEFAULT,
            new OpenAuthenticator(),
            request ->
                request.action() == GuardAction.PRESENCE
                    ? GuardAnswer.Deny.DENY
                    : GuardAnswer.Allow.ALLOW);
    Peer peer = harness.user("a");
    String all = peer.ask(queryAll).getFirst();
    assertTrue(all.startsWith("PRESENCE MESSAGE_DENIED data="), all);
    assertTrue(all.endsWith("originalAction=QUERY_ALL isError"));
    String query = peer.ask(of(PresenceAction.QUERY, "b")).getFirst();
    assertTrue(query.endsWith("correlationId=0 originalAction=QUERY isError"), query);
    assertEquals(1, peer.ask(TopicMessage.of(PresenceAction.SUBSCRIBE_ALL)).size());
    assertEquals(1, peer.ask(of(PresenceAction.SUBSCRIBE, "b")).size());
    assertEquals(0, harness.subscriptions);
    harness.user("b");
    assertEquals(List.of(), peer.take());
  }
}
