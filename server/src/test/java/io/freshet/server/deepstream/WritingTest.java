// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import static io.freshet.server.deepstream.DoorHarness.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonValue;
import io.freshet.server.deepstream.DoorHarness.Peer;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import io.freshet.server.deepstream.wire.Slice;
import io.freshet.server.session.OpenAuthenticator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Protocol reference, sections 7.1, 7.3 to 7.6, with the design's rules for revisions and
/// deletion.
class WritingTest {
  private final DoorHarness harness = new DoorHarness();
  private final Peer a = harness.client();
  private final Peer b = harness.client();

  private static JsonValue json(String text) {
    return Json.parse(text);
  }

  private static RecordMessage acked(RecordMessage message) {
    return message.correlationId("1").writeAck(true);
  }

  private static Slice raw(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new Slice(bytes, 0, bytes.length);
  }

  @Test
  void writesReachOtherWatchersAndNotTheWriter() {
    a.subscribe("r");
    b.subscribe("r");
    assertEquals(List.of(), a.update("r", "{\"a\":1}", 1));
    assertEquals(List.of(), a.patch("r", "b.c[1]", "2", 2));
    assertEquals(List.of(), a.ask(message(RecordAction.ERASE, "r").path("a").version(3)));
    assertEquals(
        List.of(
            "UPDATE name=r version=1 data={\"a\":1}",
            "PATCH name=r version=2 path=b.c[1] data=2",
            "PATCH name=r version=3 path=a"),
        b.take());
    assertEquals(
        List.of("READ_RESPONSE name=r version=3 data={\"b\":{\"c\":[null,2]}}"),
        a.ask(message(RecordAction.READ, "r")));
  }

  @Test
  void acknowledgedWrites() {
    a.subscribe("r");
    b.subscribe("r");
    String ack = "WRITE_ACKNOWLEDGEMENT name=r correlationId=1 isWriteAck";
    assertEquals(
        List.of(ack), a.ask(acked(message(RecordAction.UPDATE, "r").data(json("{}")).version(1))));
    assertEquals(
        List.of(ack),
        a.ask(acked(message(RecordAction.PATCH, "r").path("x").data(json("1")).version(2))));
    assertEquals(List.of(ack), a.ask(acked(message(RecordAction.ERASE, "r").path("x").version(3))));
    assertEquals(
        List.of(
            "UPDATE name=r version=1 data={}",
            "PATCH name=r version=2 path=x data=1",
            "PATCH name=r version=3 path=x"),
        b.take());
  }

  @Test
  void multiPatch() {
    Peer recent = harness.client("7.1.0");
    Peer old = harness.client("7.0.5");
    recent.subscribe("r");
    old.subscribe("r");
    assertEquals(
        List.of(),
        a.ask(
            message(RecordAction.PATCH_MULTI, "r")
                .data(json("[{\"path\":\"a.b\",\"data\":1},{\"path\":\"a.c\"}]"))
                .version(1)));
    assertEquals(
        List.of(
            "PATCH_MULTI name=r version=1 data=[{\"path\":\"a.b\",\"data\":1},{\"path\":\"a.c\"}]"),
        recent.take());
    assertEquals(List.of("PATCH name=r version=1 path=a data={\"b\":1}"), old.take());
  }

  /// Though it would be small again in the end.
  @Test
  void aMultiPatchThatIsTooLargeInBetween() {
    a.create("r", "{\"a\":1}");
    var edits = new StringBuilder("[");
    for (int i = 0; i < 11; i++) {
      edits.append("{\"path\":\"x.a").append(i).append("[9999]\",\"data\":1},");
    }
    String text = edits.append("{\"path\":\"x\",\"data\":1}]").toString();
    String answer =
        a.ask(acked(message(RecordAction.PATCH_MULTI, "r").data(raw(text)).version(2))).getFirst();
    assertTrue(
        answer.startsWith("INVALID_MESSAGE_DATA name=r data=\"DOCUMENT_TOO_LARGE: "), answer);
    assertTrue(answer.contains("isError isWriteAck"), answer);
    assertEquals(
        List.of("READ_RESPONSE name=r version=1 data={\"a\":1}"),
        a.ask(message(RecordAction.READ, "r")));
  }

  @Test
  void setDataCreatesAndUpdates() {
    assertEquals(List.of(), a.create("r", "{\"a\":1}"));
    b.subscribe("r");
    assertEquals(List.of(), a.create("r", "{\"a\":2}"));
    assertEquals(
        List.of(),
        a.ask(message(RecordAction.CREATEANDPATCH, "r").path("b").data(json("\"x\"")).version(-1)));
    assertEquals(
        List.of("WRITE_ACKNOWLEDGEMENT name=r correlationId=1 isWriteAck"),
        a.ask(acked(message(RecordAction.ERASE, "r").path("a").version(-1))));
    assertEquals(
        List.of(
            "UPDATE name=r version=2 data={\"a\":2}",
            "PATCH name=r version=3 path=b data=\"x\"",
            "PATCH name=r version=4 path=a"),
        b.take());
    assertEquals(
        List.of("WRITE_ACKNOWLEDGEMENT name=p correlationId=1 isWriteAck"),
        a.ask(
            acked(
                message(RecordAction.CREATEANDPATCH, "p")
                    .path("a.b")
                    .data(json("1"))
                    .version(-1))));
    assertEquals(
        List.of("READ_RESPONSE name=p version=1 data={\"a\":{\"b\":1}}"),
        b.ask(message(RecordAction.READ, "p")));
  }

  @Test
  void aWriterOfAnyVersionWhoWatchesIsToldTheResult() {
    a.subscribe("r");
    assertEquals(List.of("UPDATE name=r version=1 data={\"a\":1}"), a.create("r", "{\"a\":1}"));
  }

  @Test
  void anyAcknowledgedWriteCreatesAndNoOtherDoes() {
    String refusal = a.update("r", "{}", 1).getFirst();
    assertTrue(refusal.startsWith("RECORD_UPDATE_ERROR name=r data=\"NOT_FOUND: "), refusal);
    assertTrue(refusal.endsWith(" originalAction=UPDATE isError"), refusal);
    assertTrue(
        a.ask(message(RecordAction.ERASE, "r").path("x").version(-1))
            .getFirst()
            .startsWith("RECORD_UPDATE_ERROR name=r"));
    assertEquals(
        List.of("WRITE_ACKNOWLEDGEMENT name=r correlationId=1 isWriteAck"),
        a.ask(acked(message(RecordAction.PATCH, "r").path("x").data(json("1")).version(1))));
  }

  // Versions.

  @Test
  void anOldVersionConflicts() {
    a.subscribe("r");
    b.subscribe("r");
    a.update("r", "{\"by\":\"a\"}", 1);
    b.take();
    for (int old : new int[] {1, 0, -2, Integer.MIN_VALUE}) {
      assertEquals(
          List.of("VERSION_EXISTS name=r version=1 data={\"by\":\"a\"} originalAction=UPDATE"),
          b.update("r", "{\"by\":\"b\"}", old));
    }
    assertEquals(
        List.of(
            "VERSION_EXISTS name=r version=1 data={\"by\":\"a\"} correlationId=1"
                + " originalAction=PATCH isWriteAck"),
        b.ask(acked(message(RecordAction.PATCH, "r").path("x").data(json("1")).version(1))));
    assertEquals(List.of(), a.take());
  }

  @Test
  void aVersionAheadIsInvalidAndAWatcherIsPutRight() {
    a.create("r", "{\"n\":1}");
    assertEquals(
        List.of("INVALID_VERSION name=r version=1 path=x data=5 originalAction=PATCH isError"),
        a.patch("r", "x", "5", 7));
    a.subscribe("r");
    assertEquals(
        List.of(
            "INVALID_VERSION name=r version=1 data={} correlationId=1 originalAction=UPDATE"
                + " isError isWriteAck",
            "UPDATE name=r version=1 data={\"n\":1}"),
        a.ask(acked(message(RecordAction.UPDATE, "r").data(json("{}")).version(3))));
  }

  @Test
  void twoWritersOfOneVersionInOneTurn() {
    a.subscribe("r");
    b.subscribe("r");
    a.send(message(RecordAction.PATCH, "r").path("x").data(json("\"a\"")).version(1));
    b.send(message(RecordAction.PATCH, "r").path("x").data(json("\"b\"")).version(1));
    harness.settle();
    assertEquals(List.of(), a.take());
    assertEquals(
        List.of(
            "PATCH name=r version=1 path=x data=\"a\"",
            "VERSION_EXISTS name=r version=1 data={\"x\":\"a\"} originalAction=PATCH"),
        b.take());
  }

  @Test
  void pipelinedVersionsAreAllAccepted() {
    a.subscribe("r");
    b.subscribe("r");
    int sends = b.sends;
    a.burst(
        message(RecordAction.PATCH, "r").path("n").data(json("1")).version(1),
        message(RecordAction.PATCH, "r").path("n").data(json("2")).version(2),
        message(RecordAction.PATCH, "r").path("n").data(json("3")).version(3));
    harness.settle();
    assertEquals(
        List.of(
            "PATCH name=r version=1 path=n data=1",
            "PATCH name=r version=2 path=n data=2",
            "PATCH name=r version=3 path=n data=3"),
        b.take());
    assertEquals(1, b.sends - sends, "one write per batch");
    assertEquals(List.of(), a.take());
  }

  // Input.

  @ParameterizedTest
  @ValueSource(
      strings = {
        "__proto__.x",
        "constructor",
        "a.prototype",
        "",
        ".",
        "a[x]",
        "a[-1]",
        "x[99999999]",
        " . ",
        "a[99999999999]"
      })
  void pathsThatCannotBe(String path) {
    a.create("r", "{}");
    a.subscribe("r");
    List<String> answers =
        a.ask(acked(message(RecordAction.PATCH, "r").path(path).data(json("1")).version(2)));
    assertEquals(1, answers.size(), answers.toString());
    assertTrue(answers.getFirst().startsWith("INVALID_MESSAGE_DATA name=r "), answers.getFirst());
    assertTrue(
        answers.getFirst().endsWith(" correlationId=1 originalAction=PATCH isError isWriteAck"),
        answers.getFirst());
    assertEquals(List.of("HEAD_RESPONSE name=r version=1"), a.ask(message(RecordAction.HEAD, "r")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "notjson",
        "null",
        "1",
        "\"text\"",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1e400}",
        "{\"__proto__\":1}",
        "",
        "{} {}",
        "{\"a\":\"\\ud800\"}"
      })
  void wholeRecordsThatCannotBe(String text) {
    List<String> answers =
        a.ask(acked(message(RecordAction.CREATEANDUPDATE, "r").data(raw(text)).version(-1)));
    assertEquals(1, answers.size(), answers.toString());
    assertTrue(answers.getFirst().startsWith("INVALID_MESSAGE_DATA name=r "), answers.getFirst());
    assertTrue(
        answers
            .getFirst()
            .endsWith(" correlationId=1 originalAction=CREATEANDUPDATE isError isWriteAck"));
    assertEquals(
        List.of("HEAD_RESPONSE name=r version=-1"), a.ask(message(RecordAction.HEAD, "r")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "1e400", "{\"a\":{\"a\":0,\"a\":1}}"})
  void patchDataThatCannotBe(String text) {
    a.create("r", "{}");
    String answer =
        a.ask(message(RecordAction.PATCH, "r").path("x").data(raw(text)).version(2)).getFirst();
    assertTrue(answer.startsWith("INVALID_MESSAGE_DATA name=r version=2 path=x "), answer);
    assertTrue(answer.endsWith(" originalAction=PATCH isError"), answer);
  }

  @Test
  void deeplyNestedDataIsRefused() {
    String deep = "[".repeat(100_000);
    String answer =
        a.ask(message(RecordAction.CREATEANDUPDATE, "r").data(raw(deep)).version(-1)).getFirst();
    assertTrue(answer.contains("TOO_DEEP"), answer);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{}",
        "[1]",
        "[{}]",
        "[{\"path\":1}]",
        "[{\"data\":1}]",
        "null",
        "[{\"path\":\"a\"},{\"path\":\"\"}]"
      })
  void multiPatchesThatCannotBe(String text) {
    a.create("r", "{\"a\":1}");
    String answer =
        a.ask(acked(message(RecordAction.PATCH_MULTI, "r").data(raw(text)).version(2))).getFirst();
    assertTrue(answer.startsWith("INVALID_MESSAGE_DATA name=r version=2 "), answer);
    assertTrue(answer.contains("isError isWriteAck"), answer);
    assertEquals(
        List.of("READ_RESPONSE name=r version=1 data={\"a\":1}"),
        a.ask(message(RecordAction.READ, "r")),
        "all or nothing");
  }

  @ParameterizedTest
  @EnumSource(
      value = RecordAction.class,
      names = {"UPDATE", "CREATEANDUPDATE", "PATCH", "CREATEANDPATCH", "ERASE", "PATCH_MULTI"})
  void messagesThatLackSomething(RecordAction action) {
    for (RecordMessage message :
        List.of(
            RecordMessage.of(action),
            message(action, "r"),
            message(action, "r").version(1),
            message(action, "r").path("x").data(json("{}")),
            message(action, "").path("x").data(json("{}")).version(1))) {
      List<String> answers = a.ask(message);
      assertEquals(1, answers.size(), answers.toString());
      assertTrue(answers.getFirst().startsWith("INVALID_MESSAGE_DATA"), answers.getFirst());
      assertTrue(answers.getFirst().contains("originalAction=" + action + " isError"));
    }
  }

  @Test
  void aPathThroughNullOrAScalarIsCreated() {
    a.create("r", "{\"a\":null,\"b\":5}");
    assertEquals(List.of(), a.patch("r", "a.x", "1", 2));
    assertEquals(List.of(), a.patch("r", "b[1]", "1", 3));
    assertEquals(
        List.of("READ_RESPONSE name=r version=3 data={\"a\":{\"x\":1},\"b\":[null,1]}"),
        a.ask(message(RecordAction.READ, "r")));
  }

  @Test
  void patchWithoutDataErases() {
    a.create("r", "{\"a\":1}");
    b.subscribe("r");
    a.ask(message(RecordAction.PATCH, "r").path("a").version(2));
    assertEquals(List.of("PATCH name=r version=2 path=a"), b.take());
  }

  @Test
  void lists() {
    a.subscribe("list");
    b.subscribe("list");
    a.update("list", "[\"x\"]", 1);
    a.update("list", "[\"x\",\"y\"]", 2);
    assertEquals(
        List.of(
            "UPDATE name=list version=1 data=[\"x\"]",
            "UPDATE name=list version=2 data=[\"x\",\"y\"]"),
        b.take());
    a.patch("list", "0", "\"z\"", 3);
    assertEquals(List.of("UPDATE name=list version=3 data=[\"z\",\"y\"]"), b.take());
    a.update("list", "{\"now\":\"object\"}", 4);
    assertEquals(List.of("UPDATE name=list version=4 data={\"now\":\"object\"}"), b.take());
  }

  // Deleting.

  @Test
  void deletingTellsOtherWatchersAndEndsTheWatching() {
    a.subscribe("r");
    b.subscribe("r");
    a.update("r", "{\"a\":1}", 1);
    b.take();
    assertEquals(List.of("DELETE_SUCCESS name=r"), a.ask(message(RecordAction.DELETE, "r")));
    assertEquals(List.of("DELETED name=r"), b.take());
    assertEquals(0, harness.subscriptions);
    harness.client().create("r", "{\"b\":2}");
    assertEquals(List.of(), a.take());
    assertEquals(List.of(), b.take());
  }

  @Test
  void theNextLifeContinuesTheCount() {
    a.create("r", "{\"a\":1}");
    a.ask(message(RecordAction.DELETE, "r"));
    assertEquals(
        List.of("HEAD_RESPONSE name=r version=-1"), a.ask(message(RecordAction.HEAD, "r")));
    assertTrue(
        a.ask(message(RecordAction.READ, "r")).getFirst().startsWith("RECORD_NOT_FOUND name=r"));
    assertEquals(
        List.of(
            "SUBSCRIBECREATEANDREAD names=r correlationId=0 isAck",
            "READ_RESPONSE name=r version=2 data={}"),
        a.subscribe("r"));
    b.subscribe("r");
    assertEquals(List.of(), a.patch("r", "x", "1", 3));
    assertEquals(List.of("PATCH name=r version=3 path=x data=1"), b.take());
  }

  @Test
  void anOfflineCreatedRecordOnATombstoneIsAcceptedAndItsWriterToldTheVersion() {
    a.create("r", "{\"old\":1}");
    a.ask(message(RecordAction.DELETE, "r"));
    assertEquals(
        List.of(
            "UPDATE name=r version=3 data={\"new\":1}",
            "WRITE_ACKNOWLEDGEMENT name=r correlationId=1 isWriteAck"),
        b.ask(
            acked(
                message(RecordAction.CREATEANDUPDATE, "r").data(json("{\"new\":1}")).version(1))));
    assertEquals(
        "VERSION_EXISTS name=r version=3 data={\"new\":1} originalAction=CREATEANDUPDATE",
        a.ask(message(RecordAction.CREATEANDUPDATE, "r").data(json("{}")).version(1)).getFirst());
  }

  @Test
  void theOldLifesDataIsNotWrittenBack() {
    a.create("r", "{\"old\":1}");
    a.update("r", "{\"old\":2}", 2);
    a.ask(message(RecordAction.DELETE, "r"));
    String answer =
        b.ask(
                acked(
                    message(RecordAction.CREATEANDUPDATE, "r")
                        .data(json("{\"old\":9}"))
                        .version(3)))
            .getFirst();
    assertEquals(
        "VERSION_EXISTS name=r version=3 data={} correlationId=1"
            + " originalAction=CREATEANDUPDATE isWriteAck",
        answer);
  }

  @Test
  void deletingWhatIsNotThereSucceeds() {
    assertEquals(List.of("DELETE_SUCCESS name=r"), a.ask(message(RecordAction.DELETE, "r")));
  }

  @Test
  void deletingAndCreatingAgainInOneBurst() {
    a.subscribe("r");
    b.subscribe("r");
    a.update("r", "{\"a\":1}", 1);
    b.take();
    a.burst(
        message(RecordAction.DELETE, "r"),
        message(RecordAction.CREATEANDUPDATE, "r").data(json("{\"b\":1}")).version(-1));
    harness.settle();
    assertEquals(List.of("DELETED name=r"), b.take(), "nobody watches the next life yet");
    assertEquals(List.of("DELETE_SUCCESS name=r"), a.take());
    assertEquals("READ_RESPONSE name=r version=3 data={\"b\":1}", a.subscribe("r").getLast());
    b.ask(message(RecordAction.PATCH, "r").path("c").data(json("1")).version(4));
    assertEquals(List.of("PATCH name=r version=4 path=c data=1"), a.take());
  }

  // Failure.

  @Test
  void aStoreFailureIsAnErrorAndPutsTheWriterRight() {
    a.subscribe("r");
    b.subscribe("r");
    a.update("r", "{\"n\":1}", 1);
    b.take();
    harness.store.failNext(1, ErrorCode.UNAVAILABLE);
    List<String> answers =
        a.ask(acked(message(RecordAction.PATCH, "r").path("n").data(json("2")).version(2)));
    assertEquals(2, answers.size());
    assertTrue(
        answers.getFirst().startsWith("RECORD_UPDATE_ERROR name=r data=\"UNAVAILABLE: "),
        answers.getFirst());
    assertTrue(
        answers.getFirst().endsWith("correlationId=1 originalAction=PATCH isError isWriteAck"));
    assertEquals("UPDATE name=r version=1 data={\"n\":1}", answers.getLast());
    assertEquals(List.of(), b.take());
    assertEquals(List.of(), a.patch("r", "n", "3", 2));
    assertEquals(List.of("PATCH name=r version=2 path=n data=3"), b.take());
    harness.store.failNext(1, ErrorCode.UNAVAILABLE);
    String deletion = a.ask(message(RecordAction.DELETE, "r")).getFirst();
    assertTrue(deletion.startsWith("RECORD_DELETE_ERROR name=r data=\"UNAVAILABLE"));
    assertTrue(deletion.endsWith("originalAction=DELETE isError"));
  }

  @Test
  void deniedWritesSaySo() {
    Guard guard =
        request ->
            request.action() == GuardAction.READ
                ? GuardAnswer.Allow.ALLOW
                : request.key().id().equals("broken")
                    ? new GuardAnswer.Failed("rule failed")
                    : GuardAnswer.Deny.DENY;
    var guarded = new DoorHarness(DeepstreamOptions.DEFAULT, new OpenAuthenticator(), guard);
    Peer peer = guarded.client();
    String denied =
        peer.ask(acked(message(RecordAction.CREATEANDUPDATE, "r").data(json("{}")).version(-1)))
            .getFirst();
    assertTrue(denied.startsWith("MESSAGE_DENIED name=r data=\"FORBIDDEN: "), denied);
    assertTrue(
        denied.endsWith("correlationId=1 originalAction=CREATEANDUPDATE isError isWriteAck"));
    String broken = peer.create("broken", "{}").getFirst();
    assertTrue(broken.startsWith("MESSAGE_PERMISSION_ERROR name=broken"), broken);
    assertTrue(broken.endsWith("originalAction=CREATEANDUPDATE isError"), broken);
    String deletion = peer.ask(message(RecordAction.DELETE, "r")).getFirst();
    assertTrue(deletion.startsWith("MESSAGE_DENIED name=r"), deletion);
    assertTrue(deletion.endsWith("originalAction=DELETE isError"), deletion);
  }
}
