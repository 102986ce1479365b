// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import static io.freshet.server.deepstream.EventsTest.of;
import static io.freshet.server.deepstream.EventsTest.raw;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.server.deepstream.DoorHarness.Peer;
import io.freshet.server.deepstream.wire.RpcAction;
import io.freshet.server.deepstream.wire.TopicMessage;
import io.freshet.server.session.OpenAuthenticator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Protocol reference, section 9, as far as frames go: the rules are tested in the engine.
class CallsTest {
  private DoorHarness harness = new DoorHarness();

  private static TopicMessage message(RpcAction action, String id) {
    return TopicMessage.of(action).name("add").correlationId(id);
  }

  private Peer provider() {
    Peer peer = harness.client();
    assertEquals(
        List.of("RPC PROVIDE correlationId=0 isAck"), peer.ask(of(RpcAction.PROVIDE, "add")));
    return peer;
  }

  private Peer calling(String id) {
    Peer caller = harness.client();
    assertEquals(List.of(), caller.ask(message(RpcAction.REQUEST, id).data(raw("[1, 2]"))));
    return caller;
  }

  @Test
  void aCallIsOfferedAcceptedAndAnswered() {
    Peer provider = provider();
    Peer caller = calling("c1");
    assertEquals(List.of("RPC REQUEST name=add data=[1,2] correlationId=c1"), provider.take());
    assertEquals(List.of(), provider.ask(message(RpcAction.ACCEPT, "c1")));
    assertEquals(List.of("RPC ACCEPT name=add correlationId=c1"), caller.take());
    assertEquals(List.of(), provider.ask(message(RpcAction.RESPONSE, "c1").data(raw("3"))));
    assertEquals(List.of("RPC RESPONSE name=add data=3 correlationId=c1"), caller.take());
  }

  @Test
  void noDataStaysNoData() {
    Peer provider = provider();
    Peer caller = harness.client();
    caller.ask(message(RpcAction.REQUEST, "c1"));
    assertEquals(List.of("RPC REQUEST name=add correlationId=c1"), provider.take());
    provider.ask(message(RpcAction.RESPONSE, "c1"));
    assertEquals(List.of("RPC RESPONSE name=add correlationId=c1"), caller.take());
    caller.ask(message(RpcAction.REQUEST, "c2").data(raw("null")));
    assertEquals(List.of("RPC REQUEST name=add data=null correlationId=c2"), provider.take());
    provider.ask(message(RpcAction.RESPONSE, "c2").data(raw("null")));
    assertEquals(List.of("RPC RESPONSE name=add data=null correlationId=c2"), caller.take());
  }

  @Test
  void aProvidersErrorGoesToTheCaller() {
    Peer provider = provider();
    Peer caller = calling("c1");
    provider.ask(message(RpcAction.REQUEST_ERROR, "c1").data(raw("{\"no\":1}")));
    assertEquals(
        List.of("RPC REQUEST_ERROR name=add data={\"no\":1} correlationId=c1"), caller.take());
  }

  @Test
  void withoutProviderTheCallEndsAtOnce() {
    assertEquals(
        List.of("RPC NO_RPC_PROVIDER name=add correlationId=c1"),
        harness.client().ask(message(RpcAction.REQUEST, "c1")));
  }

  @Test
  void aRejectedCallIsOfferedToTheNextAndThenToNobody() {
    List<Peer> providers = List.of(provider(), provider());
    Peer caller = calling("c1");
    Peer asked = providers.get(0).take().isEmpty() ? providers.get(1) : providers.get(0);
    Peer other = asked == providers.get(0) ? providers.get(1) : providers.get(0);
    other.take();
    assertEquals(List.of(), asked.ask(message(RpcAction.REJECT, "c1")));
    assertEquals(List.of("RPC REQUEST name=add data=[1,2] correlationId=c1"), other.take());
    assertEquals(List.of(), other.ask(message(RpcAction.REJECT, "c1")));
    assertEquals(List.of("RPC NO_RPC_PROVIDER name=add correlationId=c1"), caller.take());
  }

  @Test
  void acceptingTwiceIsSaid() {
    Peer provider = provider();
    Peer caller = calling("c1");
    provider.take();
    provider.ask(message(RpcAction.ACCEPT, "c1"));
    assertEquals(
        List.of("RPC MULTIPLE_ACCEPT name=add correlationId=c1"),
        provider.ask(message(RpcAction.ACCEPT, "c1")));
    assertEquals(List.of("RPC ACCEPT name=add correlationId=c1"), caller.take());
  }

  @ParameterizedTest
  @EnumSource(
      value = RpcAction.class,
      names = {"ACCEPT", "REJECT", "RESPONSE", "REQUEST_ERROR"})
  void onlyWhoWasAskedIsHeard(RpcAction action) {
    Peer provider = provider();
    Peer caller = calling("c1");
    Peer stranger = harness.client();
    String mismatch =
        "RPC INVALID_RPC_CORRELATION_ID name=add correlationId=%s originalAction=%s isError";
    assertEquals(List.of(mismatch.formatted("c1", action)), stranger.ask(message(action, "c1")));
    assertEquals(List.of(mismatch.formatted("c1", action)), caller.ask(message(action, "c1")));
    assertEquals(
        List.of(mismatch.formatted("c2", action)),
        provider.ask(message(action, "c2")).stream().skip(1).toList());
    provider.ask(message(RpcAction.RESPONSE, "c1"));
    assertEquals(List.of(mismatch.formatted("c1", action)), provider.ask(message(action, "c1")));
    assertEquals(List.of("RPC RESPONSE name=add correlationId=c1"), caller.take());
  }

  @Test
  void timeOutsAreToldToTheCaller() {
    Peer provider = provider();
    Peer caller = calling("c1");
    harness.timersRing();
    assertEquals(List.of("RPC ACCEPT_TIMEOUT name=add correlationId=c1"), caller.take());
    caller.ask(message(RpcAction.REQUEST, "c2"));
    provider.ask(message(RpcAction.ACCEPT, "c2"));
    caller.take();
    harness.timersRing();
    assertEquals(List.of("RPC RESPONSE_TIMEOUT name=add correlationId=c2"), caller.take());
  }

  @Test
  void aProviderThatIsLostIsReplacedAtOnce() {
    List<Peer> providers = List.of(provider(), provider());
    Peer caller = calling("c1");
    Peer asked = providers.get(0).take().isEmpty() ? providers.get(1) : providers.get(0);
    Peer other = asked == providers.get(0) ? providers.get(1) : providers.get(0);
    other.take();
    asked.disconnect();
    harness.settle();
    assertEquals(List.of("RPC REQUEST name=add data=[1,2] correlationId=c1"), other.take());
    other.disconnect();
    harness.settle();
    assertEquals(1, caller.take().size(), "the end of the call");
    assertEquals(0, harness.subscriptions);
  }

  @Test
  void providingAgainAndUnproviding() {
    Peer peer = provider();
    assertEquals(
        List.of(
            "RPC MULTIPLE_PROVIDERS name=add originalAction=PROVIDE",
            "RPC PROVIDE correlationId=0 isAck"),
        peer.ask(of(RpcAction.PROVIDE, "add", "sub")));
    assertEquals(2, harness.subscriptions);
    assertEquals(
        List.of("RPC UNPROVIDE correlationId=0 isAck"),
        peer.ask(of(RpcAction.UNPROVIDE, "add", "sub", "never")));
    assertEquals(
        List.of(
            "RPC NOT_PROVIDED name=add originalAction=UNPROVIDE", "RPC UNPROVIDE name=add isAck"),
        peer.ask(TopicMessage.of(RpcAction.UNPROVIDE).name("add")));
    assertEquals(0, harness.subscriptions);
    assertEquals(
        List.of("RPC NO_RPC_PROVIDER name=add correlationId=c1"),
        harness.client().ask(message(RpcAction.REQUEST, "c1")));
  }

  @ParameterizedTest
  @EnumSource(
      value = RpcAction.class,
      names = {"REQUEST", "ACCEPT", "RESPONSE", "REJECT", "REQUEST_ERROR"})
  void anIncompleteMessageIsAnswered(RpcAction action) {
    Peer peer = harness.client();
    assertInvalid(peer, action, TopicMessage.of(action).correlationId("c1"));
    assertInvalid(peer, action, TopicMessage.of(action).name("add"));
    assertInvalid(peer, action, message(action, "c1").data(raw("{")));
    assertFalse(peer.closed);
  }

  private static void assertInvalid(Peer peer, RpcAction action, TopicMessage message) {
    List<String> answers = peer.ask(message);
    assertEquals(1, answers.size(), answers.toString());
    assertTrue(answers.getFirst().startsWith("RPC INVALID_MESSAGE_DATA"), answers.toString());
    assertTrue(answers.getFirst().endsWith("originalAction=" + action + " isError"));
  }

  @Test
  void whatTheOfficialClientCanSayIsDeniedSoThatItsUserLearns() {
    Peer peer = harness.client();
    String deep = "[".repeat(65) + "]".repeat(65);
    List<String> answers = peer.ask(message(RpcAction.REQUEST, "c1").data(raw(deep)));
    assertTrue(answers.getFirst().startsWith("RPC MESSAGE_DENIED name=add data=\"TOO_DEEP"));
    assertTrue(answers.getFirst().endsWith("correlationId=c1 originalAction=REQUEST isError"));
    String name = "x".repeat(513);
    assertTrue(
        peer.ask(TopicMessage.of(RpcAction.REQUEST).name(name).correlationId("c2"))
            .getFirst()
            .startsWith("RPC MESSAGE_DENIED name=" + name));
  }

  @Test
  void providingAndCallingCanBeForbidden() {
    harness =
        new DoorHarness(
            DeepstreamOptions.DEFAULT,
            new OpenAuthenticator(),
            request ->
                request.action() == GuardAction.RPC_PROVIDE
                    ? GuardAnswer.Deny.DENY
                    : request.action() == GuardAction.RPC_REQUEST
                        ? new GuardAnswer.Failed("broken")
                        : GuardAnswer.Allow.ALLOW);
    Peer peer = harness.client();
    List<String> provide = peer.ask(of(RpcAction.PROVIDE, "add"));
    assertEquals(1, provide.size());
    assertTrue(provide.getFirst().startsWith("RPC MESSAGE_DENIED name=add"));
    assertTrue(provide.getFirst().endsWith("correlationId=0 originalAction=PROVIDE isError"));
    List<String> call = peer.ask(message(RpcAction.REQUEST, "c1"));
    assertEquals(1, call.size());
    assertTrue(call.getFirst().startsWith("RPC MESSAGE_PERMISSION_ERROR name=add"));
    assertTrue(call.getFirst().endsWith("correlationId=c1 originalAction=REQUEST isError"));
    assertEquals(0, harness.subscriptions);
  }
}
