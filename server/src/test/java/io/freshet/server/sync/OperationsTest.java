// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import static io.freshet.server.sync.Look.at;
import static io.freshet.server.sync.Look.json;
import static io.freshet.server.sync.Look.number;
import static io.freshet.server.sync.Look.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The operations of the Sync contract, section 2, on `/ws`.
final class OperationsTest {
  private final SyncHarness harness = new SyncHarness();
  private final SyncClient client = harness.client();

  private JsonObject create(String id, String data) {
    return client.done("'op':'create','service':'s','id':'%s','data':%s".formatted(id, data));
  }

  private void assertRefused(String code, int status, JsonObject answer) {
    assertEquals("error", text(answer, "type"), answer::toString);
    assertEquals(code, text(answer, "code"), answer::toString);
    assertEquals(status, number(answer, "status"));
    assertEquals("r", text(answer, "requestId"));
    assertEquals(status == 409, text(answer, "message").contains("conflict"), answer::toString);
  }

  // One document.

  @Test
  void aDocumentLivesThroughItsRevisions() {
    JsonObject created = create("a", "{'status':'active'}");
    assertEquals(
        json(
            ("{'service':'s','id':'a','revision':1,'data':{'status':'active'},'createdAt':%d,"
                    + "'updatedAt':%d,'updatedBy':'open'}")
                .formatted(harness.clock.millis(), harness.clock.millis())),
        created);
    harness.clock.advance(Duration.ofMillis(5));
    JsonObject merged =
        client.done("'op':'merge','service':'s','id':'a','data':{'n':1},'expectedRevision':1");
    assertEquals(json("{'status':'active','n':1}"), merged.get("data"));
    assertEquals(5, number(merged, "updatedAt") - number(merged, "createdAt"));
    JsonObject mutated =
        client.done("'op':'mutate','service':'s','id':'a','mutations':{'n':{'$inc':0.5}}");
    assertEquals(json("{'status':'active','n':1.5}"), mutated.get("data"));
    JsonObject patched =
        client.done(
            "'op':'patch','service':'s','id':'a','patch':[{'op':'remove','path':'/status'}]");
    assertEquals(json("{'n':1.5}"), patched.get("data"));
    JsonObject replaced = client.done("'op':'replace','service':'s','id':'a','data':{}");
    assertEquals(5, number(replaced, "revision"));
    assertEquals(replaced, client.done("'op':'get','service':'s','id':'a'"));
    JsonObject deleted = client.done("'op':'delete','service':'s','id':'a'");
    assertEquals(json("{'service':'s','id':'a','revision':6,'deleted':true}"), deleted);
    assertEquals(deleted, client.done("'op':'delete','service':'s','id':'a'"), "once more");
    JsonObject restored = client.done("'op':'restore','service':'s','id':'a'");
    assertEquals(7, number(restored, "revision"));
    assertEquals(json("{}"), restored.get("data"));
  }

  @Test
  void aCreationIsToldApartFromOtherWrites() {
    assertEquals(
        201, number(client.sync("'op':'create','service':'s','id':'a','data':{}"), "status"));
    assertEquals(
        200, number(client.sync("'op':'merge','service':'s','id':'a','data':{}"), "status"));
    assertEquals(
        201,
        number(
            client.sync("'op':'replace','service':'s','id':'b','data':{},'expectedRevision':0"),
            "status"));
  }

  @Test
  void idsAreMadeForThoseWhoGiveNone() {
    String one = text(client.done("'op':'create','service':'s','data':{}"), "id");
    String other = text(client.done("'op':'create','service':'s','data':{}"), "id");
    assertTrue(one.matches("doc_[a-z2-7]{20}"), one);
    assertFalse(one.equals(other));
  }

  @Test
  void nullsOfAMergeDeleteOrAreStored() {
    create("a", "{'x':1,'y':2}");
    JsonObject merged = client.done("'op':'merge','service':'s','id':'a','data':{'x':null}");
    assertEquals(json("{'y':2}"), merged.get("data"));
    JsonObject set =
        client.done("'op':'merge','service':'s','id':'a','data':{'y':null},'nulls':'set'");
    assertEquals(json("{'y':null}"), set.get("data"));
  }

  // Refusals.

  @Test
  void aConflictSaysWhatIsThere() {
    create("a", "{'x':1}");
    JsonObject refused =
        client.sync("'op':'merge','service':'s','id':'a','data':{},'expectedRevision':3");
    assertRefused("REVISION_CONFLICT", 409, refused);
    assertEquals("conflict", text(refused, "error"));
    assertEquals(
        json("{'service':'s','id':'a','expectedRevision':3,'currentRevision':1}"),
        refused.get("details"));
    JsonObject withCurrent =
        client.sync(
            "'op':'merge','service':'s','id':'a','data':{},'expectedRevision':3,"
                + "'returnCurrent':true");
    assertEquals(json("{'x':1}"), at(withCurrent, "details", "current", "data"));
    assertEquals(1, number(withCurrent, "details", "current", "revision"));
  }

  @Test
  void everyConflictSaysSo() {
    create("a", "{'x':1}");
    assertRefused(
        "ALREADY_EXISTS", 409, client.sync("'op':'create','service':'s','id':'a','data':{}"));
    assertRefused(
        "TEST_FAILED",
        409,
        client.sync("'op':'mutate','service':'s','id':'a','mutations':{'x':{'$test':2}}"));
    assertRefused("ALREADY_EXISTS", 409, client.sync("'op':'restore','service':'s','id':'a'"));
  }

  @Test
  void whatIsNotThereIsNotFound() {
    JsonObject refused = client.sync("'op':'get','service':'s','id':'a'");
    assertRefused("NOT_FOUND", 404, refused);
    assertEquals(json("{'service':'s','id':'a'}"), refused.get("details"));
    assertRefused(
        "NOT_FOUND",
        404,
        client.sync("'op':'merge','service':'s','id':'a','data':{},'expectedRevision':3"));
    create("a", "{'x':1}");
    client.done("'op':'delete','service':'s','id':'a'");
    JsonObject deleted = client.sync("'op':'get','service':'s','id':'a'");
    assertRefused("NOT_FOUND", 404, deleted);
    assertEquals(
        json("{'service':'s','id':'a','deleted':true,'revision':2}"), deleted.get("details"));
    JsonObject merged = client.sync("'op':'merge','service':'s','id':'a','data':{}");
    assertRefused("NOT_FOUND", 404, merged);
    assertEquals(json("true"), at(merged, "details", "deleted"));
    JsonObject shown = client.done("'op':'get','service':'s','id':'a','includeDeleted':true");
    assertEquals(json("true"), shown.get("deleted"));
    assertEquals(json("{'x':1}"), shown.get("data"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'op':'create','service':'s','data':[] | TYPE_MISMATCH | 422",
        "'op':'create','service':'s','data':7 | INVALID_ARGUMENT | 400",
        "'op':'create','service':'s' | INVALID_ARGUMENT | 400",
        "'op':'create','data':{} | INVALID_ARGUMENT | 400",
        "'op':'create','service':'a.b','data':{} | INVALID_NAME | 400",
        "'op':'create','service':'s','id':'','data':{} | INVALID_NAME | 400",
        "'op':'create','service':'_','id':'a/b','data':{} | INVALID_NAME | 400",
        "'op':'create','service':'s','id':7,'data':{} | INVALID_ARGUMENT | 400",
        "'op':'create','service':'s','data':{},'expiresAt':-1 | INVALID_ARGUMENT | 400",
        "'op':'create','service':'s','data':{},'expectedRevision':0 | INVALID_ARGUMENT | 400",
        "'op':'get','service':'s' | INVALID_ARGUMENT | 400",
        "'op':'upsert','service':'s','id':'a' | INVALID_ARGUMENT | 400",
        "'service':'s','id':'a' | INVALID_ARGUMENT | 400",
        "'op':'replace','service':'s','id':'a','data':'x' | INVALID_ARGUMENT | 400",
        "'op':'merge','service':'s','id':'a','data':[] | INVALID_ARGUMENT | 400",
        "'op':'merge','service':'s','id':'a','data':{},'nulls':'keep' | INVALID_ARGUMENT | 400",
        "'op':'merge','service':'s','id':'a','data':{},'expectedRevision':1.5"
            + " | INVALID_ARGUMENT | 400",
        "'op':'merge','service':'s','id':'a','data':{},'expectedRevision':9007199254740992"
            + " | INVALID_ARGUMENT | 400",
        "'op':'merge','service':'s','id':'a','data':{},'expectedRevison':1"
            + " | INVALID_ARGUMENT | 400",
        "'op':'mutate','service':'s','id':'a','mutations':{'x':{'$incr':1}}"
            + " | UNKNOWN_OPERATOR | 400",
        "'op':'mutate','service':'s','id':'a','mutations':{'x':1,'x.y':2} | PATH_CONFLICT | 400",
        "'op':'mutate','service':'s','id':'a','mutations':{'x..y':2} | INVALID_PATH | 400",
        "'op':'touch','service':'s','id':'a' | INVALID_ARGUMENT | 400",
        "'op':'list','service':'s','limit':0 | INVALID_ARGUMENT | 400",
        "'op':'list','service':'s','limit':1001 | INVALID_ARGUMENT | 400",
        "'op':'list','service':'s','filter':{'x':{'like':1}} | INVALID_FILTER | 400",
        "'op':'history','service':'s','id':'a','sinceRevision':-1 | INVALID_ARGUMENT | 400",
        "'op':'batch','ops':[] | INVALID_ARGUMENT | 400",
        "'op':'batch','ops':[{'op':'get','service':'s','id':'a'}] | INVALID_ARGUMENT | 400",
        "'op':'batch','atomic':false,'ops':[{'op':'create','service':'s','data':{}}]"
            + " | INVALID_ARGUMENT | 400",
        "'op':'batch','ops':[{'op':'delete','service':'s','id':'a'},"
            + "{'op':'delete','service':'s','id':'a'}] | INVALID_ARGUMENT | 400",
      })
  void whatCannotBeMeantIsRefused(String members, String code, int status) {
    assertRefused(code, status, client.sync(members));
  }

  @Test
  void valuesThatDoNotFitAreRefusedOnlyByTheDocument() {
    create("a", "{'x':'text','l':[1]}");
    assertRefused(
        "TYPE_MISMATCH",
        422,
        client.sync("'op':'mutate','service':'s','id':'a','mutations':{'x':{'$inc':1}}"));
    assertRefused(
        "TYPE_MISMATCH",
        422,
        client.sync("'op':'mutate','service':'s','id':'a','mutations':{'x.y':1}"));
    assertRefused(
        "PATH_NOT_FOUND",
        422,
        client.sync(
            "'op':'mutate','service':'s','id':'a',"
                + "'mutations':[{'op':'move','from':'/nope','path':'/x'}]"));
    assertEquals(1, number(client.done("'op':'get','service':'s','id':'a'"), "revision"));
  }

  @Test
  void aWriteOfALargeDocumentIsRefusedWhicheverWayItIsLarge() {
    String text = "x".repeat(1 << 20);
    assertRefused(
        "DOCUMENT_TOO_LARGE",
        413,
        client.sync("'op':'create','service':'s','id':'a','data':{'x':'%s'}".formatted(text)));
    String deep = "{'x':".repeat(65) + "1" + "}".repeat(65);
    assertRefused(
        "TOO_DEEP", 400, client.sync("'op':'create','service':'s','id':'a','data':" + deep));
    create("a", "{'x':'%s'}".formatted("x".repeat(600_000)));
    assertRefused(
        "DOCUMENT_TOO_LARGE",
        413,
        client.sync(
            "'op':'merge','service':'s','id':'a','data':{'y':'%s'}"
                .formatted("x".repeat(600_000))));
  }

  // Again.

  @Test
  void aRepetitionIsAnsweredAsTheFirstTime() {
    String name = "client-17-request-1";
    String frame =
        "{'type':'sync','requestId':'%s','op':'create','service':'s','data':{}}".formatted(name);
    JsonObject first = client.askOne(frame);
    SyncClient again = harness.client();
    assertEquals(first, again.askOne(frame));
    JsonObject increment =
        (JsonObject)
            json(
                "{'type':'sync','requestId':'%s-2','op':'mutate','service':'s','id':'%s','mutations':{'n':{'$inc':1}}}"
                    .formatted(name, text(first, "document", "id")));
    client.askOne(increment.toString());
    assertEquals(json("{'n':1}"), at(client.askOne(increment.toString()), "document", "data"));
  }

  @Test
  void shortRequestIdsAreNobodysAlone() {
    create("a", "{'n':0}");
    String frame =
        "{'type':'sync','requestId':'1','op':'mutate','service':'s','id':'a','mutations':{'n':{'$inc':1}}}";
    client.askOne(frame);
    assertEquals(json("{'n':2}"), at(client.askOne(frame), "document", "data"));
  }

  // Time.

  @Test
  void aDocumentExpiresAndMayBeKeptLonger() {
    long end = harness.clock.millis() + 1000;
    JsonObject created =
        client.done("'op':'create','service':'s','id':'a','data':{},'expiresAt':%d".formatted(end));
    assertEquals(end, number(created, "expiresAt"));
    JsonObject touched =
        client.done("'op':'touch','service':'s','id':'a','expiresAt':%d".formatted(end + 1000));
    assertEquals(2, number(touched, "revision"));
    harness.clock.advance(Duration.ofMillis(1500));
    assertEquals(touched, client.done("'op':'get','service':'s','id':'a'"));
    harness.clock.advance(Duration.ofMillis(500));
    JsonObject gone = client.sync("'op':'get','service':'s','id':'a'");
    assertRefused("NOT_FOUND", 404, gone);
    assertEquals(json("true"), at(gone, "details", "deleted"));
    JsonObject again = create("a", "{}");
    assertNull(again.get("expiresAt"));
    JsonObject kept = client.done("'op':'touch','service':'s','id':'a','expiresAt':null");
    assertNull(kept.get("expiresAt"));
  }

  // Several.

  @Test
  void aCollectionIsListedPageByPage() {
    for (int i = 0; i < 5; i++) {
      create("d" + i, "{'n':%d}".formatted(i));
    }
    client.done("'op':'delete','service':'s','id':'d1'");
    JsonObject first = client.sync("'op':'list','service':'s','limit':3");
    assertEquals(List.of("d0", "d2"), ids(first));
    assertEquals("d2", text(first, "next"));
    JsonObject rest =
        client.sync("'op':'list','service':'s','limit':3,'after':'%s'".formatted("d2"));
    assertEquals(List.of("d3", "d4"), ids(rest));
    assertEquals(json("null"), rest.get("next"));
    JsonObject all = client.sync("'op':'list','service':'s','includeDeleted':true");
    assertEquals(List.of("d0", "d1", "d2", "d3", "d4"), ids(all));
    assertEquals(json("true"), at(all, "documents", 1, "deleted"));
    JsonObject some = client.sync("'op':'list','service':'s','filter':{'n':{'gte':3}}");
    assertEquals(List.of("d3", "d4"), ids(some));
  }

  private static List<String> ids(JsonObject page) {
    var ids = new java.util.ArrayList<String>();
    ((JsonArray) at(page, "documents")).forEach(each -> ids.add(text(each, "id")));
    return ids;
  }

  @Test
  void aDocumentsHistoryTellsWhatWasDone() {
    create("a", "{'x':1}");
    client.done("'op':'merge','service':'s','id':'a','data':{'x':2}");
    client.done("'op':'delete','service':'s','id':'a'");
    client.done("'op':'restore','service':'s','id':'a'");
    JsonObject all = client.sync("'op':'history','service':'s','id':'a'");
    JsonArray changes = (JsonArray) at(all, "changes");
    assertEquals(4, changes.size());
    assertEquals("create", text(changes, 0, "operation"));
    assertEquals(1, number(changes, 0, "revision"));
    assertEquals("open", text(changes, 0, "actor"));
    assertEquals(harness.clock.millis(), number(changes, 0, "timestamp"));
    assertEquals(json("{'x':{'from':1,'to':2}}"), at(changes, 1, "diff", "changed"));
    assertEquals(json("{'x':2}"), at(changes, 2, "data"));
    assertEquals(json("true"), at(changes, 2, "deleted"));
    assertEquals(json("{'x':2}"), at(changes, 3, "diff", "added"));
    assertEquals(json("null"), all.get("next"));
    JsonObject some =
        client.sync("'op':'history','service':'s','id':'a','sinceRevision':1,'limit':2");
    assertEquals(2, number(some, "changes", 0, "revision"));
    assertEquals(3, number(some, "next"));
  }

  @Test
  void aBatchIsDoneAsAWholeOrNotAtAll() {
    create("a", "{'n':1}");
    JsonObject done =
        client.sync(
            "'op':'batch','ops':["
                + "{'op':'mutate','service':'s','id':'a','mutations':{'n':{'$inc':1}},"
                + "'expectedRevision':1},{'op':'create','service':'t','data':{}},"
                + "{'op':'replace','service':'s','id':'b','data':{},'expectedRevision':0}]");
    assertEquals(200, number(done, "status"));
    assertEquals(json("{'n':2}"), at(done, "results", 0, "document", "data"));
    assertEquals(201, number(done, "results", 1, "status"));
    assertEquals(201, number(done, "results", 2, "status"));
    JsonObject refused =
        client.sync(
            "'op':'batch','ops':[{'op':'delete','service':'s','id':'b'},"
                + "{'op':'merge','service':'s','id':'a','data':{},'expectedRevision':1}]");
    assertEquals("result", text(refused, "type"));
    assertEquals(409, number(refused, "status"));
    assertEquals("REVISION_CONFLICT", text(refused, "results", 1, "error", "code"));
    assertEquals(2, number(refused, "results", 1, "error", "details", "currentRevision"));
    assertEquals(409, number(refused, "results", 0, "status"));
    assertEquals(1, number(client.done("'op':'get','service':'s','id':'b'"), "revision"));
  }

  // Framing.

  @Test
  void messagesThatAreNoFramesAreAnsweredAndTheSocketStays() {
    for (String message :
        List.of(
            "",
            "{",
            "7",
            "[7]",
            "{}",
            "{'type':7}",
            "{'type':'pubish'}",
            "{'type':'ping','type':'ping'}",
            "{'type':'sync','op':'get','service':'s','id':'a'}",
            "{'type':'unsubscribe'}",
            "{'type':'ping','ref':7}",
            "{'type':'sync','requestId':'%s','op':'get'}".formatted("x".repeat(300)),
            "{'type':'sync','requestId':'r','op':'create','service':'s','data':{'__proto__':1}}",
            "{'type':'sync','requestId':'r','op':'create','service':'s','data':{'n':1e400}}",
            "[".repeat(10_000))) {
      JsonObject refused = client.askOne(message);
      assertEquals("error", text(refused, "type"), message);
      assertEquals(400, number(refused, "status"), message);
      assertTrue(text(refused, "message").length() > 10, message);
    }
    assertFalse(client.closed);
    assertEquals(json("{'type':'pong','ref':'p'}"), client.askOne("{'type':'ping','ref':'p'}"));
    assertTrue(harness.refusals.get(ErrorCode.INVALID_JSON) >= 3);
  }

  @Test
  void framesMayComeTogether() {
    List<JsonObject> frames =
        client.ask(
            "[{'type':'ping'},{'type':'nonsense','ref':'n'},"
                + "{'type':'sync','requestId':'1','op':'create','service':'s','data':{}},"
                + "{'type':'sync','requestId':'2','op':'create','service':'s','data':{}}]");
    assertEquals(
        List.of("pong", "error", "result", "result"),
        frames.stream().map(frame -> text(frame, "type")).toList());
    assertEquals("n", text(frames.get(1), "ref"));
    assertEquals(List.of(), client.ask("[]"));
  }
}
