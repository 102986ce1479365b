// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import static io.freshet.server.deepstream.DoorHarness.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.server.deepstream.DeepstreamMeter.Refusal;
import io.freshet.server.deepstream.DoorHarness.Peer;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import io.freshet.server.session.OpenAuthenticator;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Protocol reference, section 7.2: reading, subscribing, unsubscribing.
class ReadingTest {
  private final DoorHarness harness = new DoorHarness();
  private final Peer a = harness.client();
  private final Peer b = harness.client();

  private static RecordMessage bulk(RecordAction action, String... names) {
    return RecordMessage.of(action).names(List.of(names)).correlationId("7");
  }

  @Test
  void subscribingCreatesAndReads() {
    assertEquals(
        List.of(
            "SUBSCRIBECREATEANDREAD names=r,s/t correlationId=7 isAck",
            "READ_RESPONSE name=r version=0 data={}",
            "READ_RESPONSE name=s/t version=0 data={}"),
        a.ask(bulk(RecordAction.SUBSCRIBECREATEANDREAD, "r", "s/t")));
    assertEquals(List.of("HEAD_RESPONSE name=r version=0"), b.ask(message(RecordAction.HEAD, "r")));
    assertEquals(2, harness.subscriptions);
    assertEquals(1, harness.engine.turn() + 1, "nothing left to do");
  }

  @Test
  void subscribingGetsWhatIsThere() {
    b.create("r", "{\"a\":1}");
    assertEquals(
        List.of(
            "SUBSCRIBECREATEANDREAD names=r correlationId=0 isAck",
            "READ_RESPONSE name=r version=1 data={\"a\":1}"),
        a.subscribe("r"));
    b.patch("r", "a", "2", 2);
    assertEquals(List.of("PATCH name=r version=2 path=a data=2"), a.take());
  }

  @Test
  void reading() {
    assertEquals(
        List.of("RECORD_NOT_FOUND name=r originalAction=READ isError"),
        a.ask(message(RecordAction.READ, "r")));
    assertEquals(
        List.of("HEAD_RESPONSE name=r version=-1"), a.ask(message(RecordAction.HEAD, "r")));
    b.create("r", "{\"a\":[1,2.50]}");
    for (int again = 0; again < 3; again++) {
      assertEquals(
          List.of("READ_RESPONSE name=r version=1 data={\"a\":[1,2.5]}"),
          a.ask(message(RecordAction.READ, "r")));
    }
    b.update("r", "{}", 2);
    assertEquals(
        List.of("READ_RESPONSE name=r version=2 data={}"), a.ask(message(RecordAction.READ, "r")));
    assertEquals(List.of("HEAD_RESPONSE name=r version=2"), a.ask(message(RecordAction.HEAD, "r")));
  }

  @Test
  void manyReadsInOneBurstAreOneWrite() {
    b.create("r", "{}");
    a.take();
    int sends = a.sends;
    RecordMessage[] burst =
        IntStream.range(0, 50)
            .mapToObj(_ -> message(RecordAction.READ, "r"))
            .toArray(RecordMessage[]::new);
    a.burst(burst);
    harness.settle();
    assertEquals(50, a.take().size());
    assertEquals(1, a.sends - sends);
  }

  @Test
  void headsOfSeveralRecords() {
    b.create("r", "{}");
    b.subscribe("s");
    assertEquals(
        List.of("HEAD_RESPONSE_BULK versions={r=1, s=0, t=-1} correlationId=7"),
        a.ask(bulk(RecordAction.HEAD_BULK, "r", "s", "t")));
  }

  @Test
  void subscribingWithoutCreating() {
    assertEquals(
        List.of(
            "SUBSCRIBEANDREAD correlationId=7 isAck", "READ_RESPONSE name=r version=-1 data={}"),
        a.ask(bulk(RecordAction.SUBSCRIBEANDREAD, "r")));
    assertEquals(
        List.of("HEAD_RESPONSE name=r version=-1"), b.ask(message(RecordAction.HEAD, "r")));
    b.create("r", "{\"a\":1}");
    assertEquals(List.of("UPDATE name=r version=1 data={\"a\":1}"), a.take());
  }

  @Test
  void subscribingAgainAfterAReconnectTellsVersionsFirst() {
    b.create("r", "{}");
    b.subscribe("s");
    assertEquals(
        List.of(
            "HEAD_RESPONSE_BULK versions={r=1, s=0, t=-1}",
            "SUBSCRIBEANDHEAD correlationId=7 isAck"),
        a.ask(bulk(RecordAction.SUBSCRIBEANDHEAD, "r", "s", "t")));
    b.patch("r", "x", "1", 2);
    assertEquals(List.of("PATCH name=r version=2 path=x data=1"), a.take());
  }

  @Test
  void subscribingOnly() {
    assertEquals(
        List.of("SUBSCRIBE correlationId=7 isAck"), a.ask(bulk(RecordAction.SUBSCRIBE, "r")));
    assertEquals(List.of("SUBSCRIBE name=s isAck"), a.ask(message(RecordAction.SUBSCRIBE, "s")));
    b.create("s", "{}");
    assertEquals(List.of("UPDATE name=s version=1 data={}"), a.take());
  }

  @Test
  void subscribingTwiceIsToldAndStillAnswered() {
    a.subscribe("r");
    assertEquals(
        List.of(
            "MULTIPLE_SUBSCRIPTIONS name=r originalAction=SUBSCRIBECREATEANDREAD",
            "SUBSCRIBECREATEANDREAD names=r correlationId=0 isAck",
            "READ_RESPONSE name=r version=0 data={}"),
        a.subscribe("r"));
    assertEquals(1, harness.subscriptions);
    b.patch("r", "x", "1", 1);
    assertEquals(List.of("PATCH name=r version=1 path=x data=1"), a.take(), "once");
  }

  @Test
  void unsubscribingEndsChangesAtOnce() {
    a.subscribe("r");
    b.send(
        message(RecordAction.UPDATE, "r")
            .data(io.freshet.protocol.json.Json.parse("{}"))
            .version(1));
    assertEquals(
        List.of("UNSUBSCRIBE correlationId=7 isAck"), a.ask(bulk(RecordAction.UNSUBSCRIBE, "r")));
    b.patch("r", "x", "1", 2);
    assertEquals(List.of(), a.take());
    assertEquals(0, harness.subscriptions);
  }

  @Test
  void unsubscribingWhatIsNotSubscribed() {
    assertEquals(
        List.of("UNSUBSCRIBE correlationId=7 isAck"),
        a.ask(bulk(RecordAction.UNSUBSCRIBE, "r", "", "\u0001")));
    assertEquals(
        List.of("NOT_SUBSCRIBED name=r originalAction=UNSUBSCRIBE", "UNSUBSCRIBE name=r isAck"),
        a.ask(message(RecordAction.UNSUBSCRIBE, "r")));
  }

  @Test
  void unsubscribingBeforeTheAnswerLeavesNothingBehind() {
    harness.store.holdLoads();
    a.send(bulk(RecordAction.SUBSCRIBECREATEANDREAD, "r"));
    harness.settle();
    assertEquals(
        List.of("UNSUBSCRIBE correlationId=7 isAck"), a.ask(bulk(RecordAction.UNSUBSCRIBE, "r")));
    harness.store.releaseLoads();
    harness.settle();
    assertEquals(List.of(), a.take());
    b.update("r", "{}", 1);
    assertEquals(List.of(), a.take());
    assertEquals(0, harness.subscriptions);
    assertEquals(
        List.of(
            "SUBSCRIBECREATEANDREAD names=r correlationId=0 isAck",
            "READ_RESPONSE name=r version=1 data={}"),
        a.subscribe("r"));
  }

  @Test
  void changingOnesMindTwiceBeforeTheAnswerSubscribesOnce() {
    harness.store.holdLoads();
    a.burst(
        bulk(RecordAction.SUBSCRIBECREATEANDREAD, "r"),
        bulk(RecordAction.UNSUBSCRIBE, "r"),
        bulk(RecordAction.SUBSCRIBECREATEANDREAD, "r"));
    harness.settle();
    harness.store.releaseLoads();
    harness.settle();
    assertEquals(
        List.of(
            "UNSUBSCRIBE correlationId=7 isAck",
            "SUBSCRIBECREATEANDREAD names=r correlationId=7 isAck",
            "READ_RESPONSE name=r version=0 data={}"),
        a.take());
    b.patch("r", "x", "1", 1);
    assertEquals(List.of("PATCH name=r version=1 path=x data=1"), a.take());
    assertEquals(1, harness.subscriptions);
  }

  @Test
  void whoIsGoneIsForgotten() {
    a.subscribe("r");
    a.send(bulk(RecordAction.SUBSCRIBECREATEANDREAD, "s"));
    a.disconnect();
    harness.settle();
    assertEquals(0, harness.subscriptions);
    b.update("r", "{}", 1);
    b.update("s", "{}", 1);
    assertEquals(List.of(), a.take());
    b.ask(message(RecordAction.LISTEN, ".*"));
    assertEquals(List.of(), b.take(), "nobody watches what the gone one watched");
  }

  @Test
  void namesThatCannotBeAreRefusedOneByOne() {
    String tooLong = "x".repeat(513);
    List<String> answers =
        a.ask(bulk(RecordAction.SUBSCRIBECREATEANDREAD, "", "ok", tooLong, "a\u0000b"));
    assertEquals(5, answers.size());
    assertTrue(answers.get(0).startsWith("MESSAGE_DENIED name= data=\"INVALID_NAME: "));
    assertTrue(answers.get(1).startsWith("MESSAGE_DENIED name=" + tooLong));
    assertTrue(answers.get(2).startsWith("MESSAGE_DENIED name=a\u0000b"));
    assertTrue(
        answers.get(2).endsWith("correlationId=7 originalAction=SUBSCRIBECREATEANDREAD isError"));
    assertEquals("SUBSCRIBECREATEANDREAD names=ok correlationId=7 isAck", answers.get(3));
    for (RecordAction action : List.of(RecordAction.READ, RecordAction.HEAD, RecordAction.DELETE)) {
      for (RecordMessage message :
          List.of(RecordMessage.of(action), message(action, ""), message(action, tooLong))) {
        List<String> answer = a.ask(message);
        assertEquals(1, answer.size());
        assertTrue(answer.getFirst().startsWith("INVALID_MESSAGE_DATA"), answer.getFirst());
        assertTrue(answer.getFirst().endsWith("originalAction=" + action + " isError"));
      }
    }
    assertEquals(1, harness.subscriptions);
  }

  @Test
  void namesOf512BytesAndOfAnyScriptAreFine() {
    for (String name : List.of("x".repeat(512), "日本 🚗/ä b", "a/b/c", "_/x", "with space")) {
      assertEquals(
          List.of(
              "SUBSCRIBECREATEANDREAD names=" + name + " correlationId=0 isAck",
              "READ_RESPONSE name=" + name + " version=0 data={}"),
          a.subscribe(name));
      b.patch(name, "x", "1", 1);
      assertEquals(List.of("PATCH name=" + name + " version=1 path=x data=1"), a.take());
    }
  }

  @Test
  void aLargeBulkIsAnsweredWholeInOrder() {
    String[] names = IntStream.range(0, 500).mapToObj(n -> "r" + n).toArray(String[]::new);
    List<String> answers = a.ask(bulk(RecordAction.SUBSCRIBECREATEANDREAD, names));
    assertEquals(501, answers.size());
    assertTrue(answers.getFirst().startsWith("SUBSCRIBECREATEANDREAD names=r0,r1,"));
    for (int n = 0; n < 500; n++) {
      assertEquals("READ_RESPONSE name=r" + n + " version=0 data={}", answers.get(n + 1));
    }
  }

  @Test
  void onlySoManySubscriptions() {
    var small =
        new DeepstreamOptions(
            "/",
            Duration.ofSeconds(1),
            1000,
            1,
            Duration.ofSeconds(1),
            2,
            10,
            1000,
            1000,
            JsonLimits.DEFAULT,
            DeepstreamOptions.Features.ALL);
    var bounded = new DoorHarness(small, new OpenAuthenticator(), Guard.OPEN);
    Peer peer = bounded.client();
    List<String> answers = peer.ask(bulk(RecordAction.SUBSCRIBECREATEANDREAD, "a", "b", "c", "a"));
    assertTrue(answers.get(0).startsWith("MESSAGE_DENIED name=c data=\"LIMIT_REACHED: "));
    assertEquals(
        "MULTIPLE_SUBSCRIPTIONS name=a originalAction=SUBSCRIBECREATEANDREAD", answers.get(1));
    assertEquals("SUBSCRIBECREATEANDREAD names=a,b correlationId=7 isAck", answers.get(2));
    assertEquals(5, answers.size());
    assertEquals(1, bounded.count(Refusal.LIMIT));
    peer.ask(bulk(RecordAction.UNSUBSCRIBE, "a"));
    assertEquals(2, peer.ask(bulk(RecordAction.SUBSCRIBECREATEANDREAD, "c")).size());
  }

  @Test
  void onlySoManyNamesWhereTheAnswerIsOne() {
    String[] names = IntStream.range(0, 10_001).mapToObj(n -> "r" + n).toArray(String[]::new);
    String heads = a.ask(bulk(RecordAction.HEAD_BULK, names)).getFirst();
    assertTrue(heads.startsWith("RECORD_LOAD_ERROR data=\"LIMIT_REACHED: "), heads);
    String refresh = a.ask(bulk(RecordAction.NOTIFY, names)).getFirst();
    assertTrue(refresh.startsWith("RECORD_NOTIFY_ERROR data=\"LIMIT_REACHED: "), refresh);
    assertTrue(refresh.endsWith("correlationId=7 originalAction=NOTIFY isError"), refresh);
  }

  @Test
  void whatMayNotBeReadIsDeniedAndNotCreated() {
    Guard guard =
        request ->
            request.key().id().startsWith("secret") && request.action() == GuardAction.READ
                ? GuardAnswer.Deny.DENY
                : GuardAnswer.Allow.ALLOW;
    var guarded = new DoorHarness(DeepstreamOptions.DEFAULT, new OpenAuthenticator(), guard);
    Peer peer = guarded.client();
    List<String> answers =
        peer.ask(bulk(RecordAction.SUBSCRIBECREATEANDREAD, "secret1", "open", "secret2"));
    assertEquals(4, answers.size());
    assertTrue(answers.get(0).startsWith("MESSAGE_DENIED name=secret1"), answers.get(0));
    assertTrue(
        answers.get(1).startsWith("MESSAGE_DENIED name=secret2 data=\"FORBIDDEN: "),
        answers.get(1));
    assertTrue(
        answers.get(1).endsWith("correlationId=7 originalAction=SUBSCRIBECREATEANDREAD isError"));
    assertEquals("SUBSCRIBECREATEANDREAD names=open correlationId=7 isAck", answers.get(2));
    assertEquals("READ_RESPONSE name=open version=0 data={}", answers.get(3));
    assertEquals(1, guarded.subscriptions, "a denied name stays unsubscribed");
    for (RecordAction action : List.of(RecordAction.READ, RecordAction.HEAD)) {
      String denial = peer.ask(message(action, "secret1")).getFirst();
      assertTrue(denial.startsWith("MESSAGE_DENIED name=secret1"), denial);
      assertTrue(denial.endsWith("originalAction=" + action + " isError"), denial);
    }
    assertFalse(
        guarded
            .store
            .load(List.of(DoorHarness.key("secret1")))
            .toCompletableFuture()
            .join()
            .getFirst()
            .isRecord());
    assertEquals(
        1, peer.ask(bulk(RecordAction.SUBSCRIBEANDREAD, "secret1")).size(), "no ack for nothing");
  }

  @Test
  void aStoreThatCannotLoadIsATypedError() {
    harness.store.holdLoads();
    a.send(message(RecordAction.READ, "r"));
    a.send(bulk(RecordAction.SUBSCRIBECREATEANDREAD, "s"));
    harness.settle();
    harness.store.heldLoads().forEach(load -> load.fail(ErrorCode.UNAVAILABLE));
    harness.settle();
    List<String> answers = a.take();
    assertEquals(2, answers.size(), answers.toString());
    for (String answer : answers) {
      assertTrue(answer.startsWith("RECORD_LOAD_ERROR name="), answer);
      assertTrue(answer.contains("data=\"UNAVAILABLE: "), answer);
      assertTrue(answer.contains(" isError"), answer);
    }
    assertEquals(0, harness.subscriptions);
  }
}
