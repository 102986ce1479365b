// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import static io.freshet.server.deepstream.DoorHarness.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.server.deepstream.DoorHarness.Peer;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Protocol reference, sections 7.6 and 8, as far as frames go: the rules are tested in the engine.
class ListeningTest {
  private static final String PATTERN = "^s/";
  private final DoorHarness harness = new DoorHarness();
  private final Peer provider = harness.client();
  private final Peer watcher = harness.client();

  private static RecordMessage answer(RecordAction action, String name) {
    return message(action, PATTERN).subscription(name);
  }

  private void provide(String name) {
    provider.ask(message(RecordAction.LISTEN, PATTERN));
    watcher.subscribe(name);
    provider.take();
    provider.ask(answer(RecordAction.LISTEN_ACCEPT, name));
  }

  @Test
  void aListenerIsAskedAcceptsAndIsToldTheEnd() {
    assertEquals(
        List.of("LISTEN name=^s/ isAck"), provider.ask(message(RecordAction.LISTEN, PATTERN)));
    watcher.subscribe("s/1");
    assertEquals(
        List.of("SUBSCRIPTION_FOR_PATTERN_FOUND name=^s/ subscription=s/1"), provider.take());
    assertEquals(List.of(), provider.ask(answer(RecordAction.LISTEN_ACCEPT, "s/1")));
    assertEquals(List.of("SUBSCRIPTION_HAS_PROVIDER name=s/1"), watcher.take());
    watcher.ask(RecordMessage.of(RecordAction.UNSUBSCRIBE).names(List.of("s/1")));
    assertEquals(
        List.of("SUBSCRIPTION_FOR_PATTERN_REMOVED name=^s/ subscription=s/1"), provider.take());
  }

  @Test
  void existingSubscriptionsAreReplayedBehindTheAcknowledgement() {
    watcher.subscribe("s/1");
    assertEquals(
        List.of(
            "LISTEN name=^s/ isAck", "SUBSCRIPTION_FOR_PATTERN_FOUND name=^s/ subscription=s/1"),
        provider.ask(message(RecordAction.LISTEN, PATTERN)));
  }

  @Test
  void laterWatchersLearnOfTheProviderWithTheState() {
    provide("s/1");
    assertEquals(
        List.of(
            "SUBSCRIBECREATEANDREAD names=s/1 correlationId=0 isAck",
            "READ_RESPONSE name=s/1 version=0 data={}",
            "SUBSCRIPTION_HAS_PROVIDER name=s/1"),
        harness.client().subscribe("s/1"));
  }

  @Test
  void aProviderThatLeavesIsMissed() {
    provide("s/1");
    watcher.take();
    provider.disconnect();
    harness.settle();
    assertEquals(List.of("SUBSCRIPTION_HAS_NO_PROVIDER name=s/1"), watcher.take());
  }

  @Test
  void aProviderThatUnlistensIsMissed() {
    provide("s/1");
    watcher.take();
    assertEquals(
        List.of("UNLISTEN name=^s/ isAck"), provider.ask(message(RecordAction.UNLISTEN, PATTERN)));
    assertEquals(List.of("SUBSCRIPTION_HAS_NO_PROVIDER name=s/1"), watcher.take());
  }

  @Test
  void whoDoesNotAnswerIsToldSoAndTheNextIsAsked() {
    Peer second = harness.client();
    provider.ask(message(RecordAction.LISTEN, PATTERN));
    watcher.subscribe("s/1");
    second.ask(message(RecordAction.LISTEN, PATTERN));
    provider.take();
    second.take();
    harness.timersRing();
    assertEquals(List.of("LISTEN_RESPONSE_TIMEOUT subscription=s/1"), provider.take());
    assertEquals(
        List.of("SUBSCRIPTION_FOR_PATTERN_FOUND name=^s/ subscription=s/1"), second.take());
  }

  @Test
  void rejectingPassesTheQuestionOn() {
    Peer second = harness.client();
    provider.ask(message(RecordAction.LISTEN, PATTERN));
    watcher.subscribe("s/1");
    second.ask(message(RecordAction.LISTEN, PATTERN));
    provider.take();
    second.take();
    provider.ask(answer(RecordAction.LISTEN_REJECT, "s/1"));
    assertEquals(
        List.of("SUBSCRIPTION_FOR_PATTERN_FOUND name=^s/ subscription=s/1"), second.take());
  }

  @Test
  void onlyTheOneAskedMayAnswer() {
    provider.ask(message(RecordAction.LISTEN, PATTERN));
    watcher.subscribe("s/1");
    Peer spoofer = harness.client();
    assertEquals(List.of(), spoofer.ask(answer(RecordAction.LISTEN_ACCEPT, "s/1")));
    assertEquals(List.of(), watcher.take());
  }

  @Test
  void deletingEndsTheProviding() {
    provide("s/1");
    harness.client().ask(message(RecordAction.DELETE, "s/1"));
    assertEquals(
        List.of("SUBSCRIPTION_FOR_PATTERN_REMOVED name=^s/ subscription=s/1"), provider.take());
  }

  @Test
  void patternsThatCannotBe() {
    String answer = provider.ask(message(RecordAction.LISTEN, "s/(")).getFirst();
    assertTrue(answer.startsWith("INVALID_LISTEN_REGEX name=s/( data=\"INVALID_PATTERN: "), answer);
    assertTrue(answer.endsWith("originalAction=LISTEN isError"), answer);
    for (RecordMessage message :
        List.of(
            RecordMessage.of(RecordAction.LISTEN),
            RecordMessage.of(RecordAction.LISTEN_ACCEPT).name("x"),
            RecordMessage.of(RecordAction.LISTEN_REJECT).subscription("x"))) {
      assertTrue(provider.ask(message).getFirst().startsWith("INVALID_MESSAGE_DATA"));
    }
  }

  // Notify.

  private static RecordMessage notifyOf(String... names) {
    return RecordMessage.of(RecordAction.NOTIFY).names(List.of(names)).correlationId("n1");
  }

  @Test
  void notifyIsAcknowledged() {
    watcher.subscribe("r");
    assertEquals(
        List.of("NOTIFY names=r,s correlationId=n1 isAck"), provider.ask(notifyOf("r", "s")));
    assertEquals(List.of(), watcher.take(), "nothing differs");
  }

  @Test
  void notifyRefusesNamesThatCannotBe() {
    String answer = provider.ask(notifyOf("r", "")).getFirst();
    assertTrue(answer.startsWith("RECORD_NOTIFY_ERROR name= data=\"INVALID_NAME: "), answer);
    assertTrue(answer.endsWith("correlationId=n1 originalAction=NOTIFY isError"), answer);
  }
}
