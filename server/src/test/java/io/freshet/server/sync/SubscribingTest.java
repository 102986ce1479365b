// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import static io.freshet.server.sync.Look.at;
import static io.freshet.server.sync.Look.json;
import static io.freshet.server.sync.Look.number;
import static io.freshet.server.sync.Look.text;
import static io.freshet.server.sync.Look.told;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.EventId;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Subscriptions of `/ws` to what happens from now on.
final class SubscribingTest {
  private final SyncHarness harness = new SyncHarness();
  private final SyncClient writer = harness.client();
  private final SyncClient reader = harness.client();

  private void create(String service, String id, String data) {
    writer.done("'op':'create','service':'%s','id':'%s','data':%s".formatted(service, id, data));
  }

  private void merge(String service, String id, String data) {
    writer.done("'op':'merge','service':'%s','id':'%s','data':%s".formatted(service, id, data));
  }

  @Test
  void anAcknowledgementNamesTheSubscriptionAndItsPlace() {
    create("session", "a", "{}");
    JsonObject acknowledged = reader.subscribe("'topic':'sync.session.updated','ref':'sub_1'");
    assertEquals("subscribed", text(acknowledged, "type"));
    assertEquals("s1", text(acknowledged, "subscriptionId"));
    assertEquals("sync.session.updated", text(acknowledged, "topic"));
    assertEquals("sub_1", text(acknowledged, "ref"));
    assertNotNull(EventId.parse(text(acknowledged, "position", 0)));
    assertNull(acknowledged.get("recovered"));
    assertEquals(1, harness.subscriptions);
  }

  @Test
  void anEnvelopeSaysEverythingAboutAChange() {
    create("session", "a", "{'status':'active'}");
    reader.subscribe("'topic':'sync.session.updated','returnMode':'both'");
    writer.ask(
        "{'type':'sync','requestId':'r-91','op':'merge','service':'session','id':'a','data':{'notes':'ok'}}");
    JsonObject frame = reader.frames().getFirst();
    assertEquals("event", text(frame, "type"));
    assertEquals("sync.session.updated", text(frame, "topic"));
    assertEquals(json("['s1']"), at(frame, "subscriptionIds"));
    JsonObject event = (JsonObject) at(frame, "data");
    assertNotNull(EventId.parse(text(event, "id")));
    assertEquals("sync.session.updated", text(event, "topic"));
    assertEquals("sync", text(event, "source"));
    assertEquals(harness.clock.millis(), number(event, "timestamp"));
    assertEquals(
        json(
            "{'operation':'merge','revision':2,'previousRevision':1,'service':'session',"
                + "'documentId':'a','returnMode':'both','actor':'open','requestId':'r-91'}"),
        at(event, "metadata"));
    assertEquals(
        json(
            "{'service':'session','id':'a','revision':2,'data':{'status':'active','notes':'ok'},"
                + "'diff':{'added':{'notes':'ok'},'removed':{},'changed':{}}}"),
        at(event, "payload"));
  }

  @Test
  void aReturnModeDecidesWhatIsSent() {
    reader.subscribe("'topic':'sync.s.updated'");
    SyncClient differ = harness.client();
    differ.subscribe("'topic':'sync.s.updated','returnMode':'diff'");
    create("s", "a", "{'x':1}");
    merge("s", "a", "{'x':2}");
    List<JsonObject> full = reader.events();
    assertNull(at(full.get(1), "payload", "diff"));
    assertEquals(json("{'x':2}"), at(full.get(1), "payload", "data"));
    List<JsonObject> diff = differ.events();
    assertNull(at(diff.get(1), "payload", "data"));
    assertEquals(
        json("{'added':{'x':1},'removed':{},'changed':{}}"), at(diff.get(0), "payload", "diff"));
    assertEquals(
        json("{'added':{},'removed':{},'changed':{'x':{'from':1,'to':2}}}"),
        at(diff.get(1), "payload", "diff"));
  }

  @Test
  void aDeletedDocumentIsHiddenAndNotEmptied() {
    create("s", "a", "{'x':1}");
    reader.subscribe("'topic':'sync.s.updated','returnMode':'both'");
    writer.done("'op':'delete','service':'s','id':'a'");
    JsonObject event = reader.events().getFirst();
    assertEquals("delete 2 a", told(event));
    assertEquals(
        json(
            "{'service':'s','id':'a','revision':2,'data':{'x':1},"
                + "'diff':{'added':{},'removed':{},'changed':{}},'deleted':true}"),
        at(event, "payload"));
    writer.done("'op':'restore','service':'s','id':'a'");
    JsonObject back = reader.events().getFirst();
    assertEquals("restore 3 a", told(back));
    assertEquals(json("{'added':{'x':1},'removed':{},'changed':{}}"), at(back, "payload", "diff"));
  }

  @Test
  void aNewLifeIsMarked() {
    create("s", "a", "{}");
    writer.done("'op':'delete','service':'s','id':'a'");
    reader.subscribe("'topic':'sync.s.created'");
    create("s", "a", "{'again':true}");
    JsonObject event = reader.events().getFirst();
    assertEquals("create 3 a", told(event));
    assertEquals("sync.s.created", text(event, "topic"));
    assertEquals(json("true"), at(event, "metadata", "revived"));
  }

  @Test
  void narrowTopicsCarryWhatTheirNamesSay() {
    reader.subscribe("'topic':'sync.s.created'");
    SyncClient remover = harness.client();
    remover.subscribe("'topic':'sync.s.deleted'");
    create("s", "a", "{}");
    merge("s", "a", "{'x':1}");
    writer.done("'op':'delete','service':'s','id':'a'");
    assertEquals(List.of("create 1 a"), reader.told());
    assertEquals(List.of("delete 3 a"), remover.told());
  }

  @Test
  void wildcardsReachEveryService() {
    reader.subscribe("'topic':'sync.*.updated'");
    SyncClient all = harness.client();
    all.subscribe("'topic':'sync.>'");
    create("one", "a", "{}");
    create("two", "b", "{}");
    assertEquals(List.of("create 1 a", "create 1 b"), reader.told());
    List<JsonObject> events = all.events();
    assertEquals("sync.one.updated", text(events.getFirst(), "topic"));
    assertEquals(2, events.size());
  }

  @Test
  void overlappingSubscriptionsAreToldOncePerReturnMode() {
    reader.subscribe("'topic':'sync.s.created'");
    reader.subscribe("'topic':'sync.s.updated'");
    reader.subscribe("'topic':'sync.*.updated'");
    reader.subscribe("'topic':'sync.s.updated','returnMode':'diff'");
    create("s", "a", "{}");
    List<JsonObject> frames = reader.frames();
    assertEquals(2, frames.size());
    assertEquals(json("['s1','s2','s3']"), at(frames.getFirst(), "subscriptionIds"));
    assertEquals("sync.s.updated", text(frames.getFirst(), "topic"));
    assertEquals(json("['s4']"), at(frames.getLast(), "subscriptionIds"));
    create("t", "a", "{}");
    assertEquals(json("['s3']"), at(reader.frames().getFirst(), "subscriptionIds"));
  }

  @Test
  void manySubscriptionsOfOneConnectionEachComeAndGo() {
    for (int i = 1; i <= 20; i++) {
      reader.subscribe("'topic':'sync.s.updated','id':'d%d'".formatted(i));
    }
    for (int i = 1; i <= 20; i++) {
      create("s", "d" + i, "{}");
    }
    List<JsonObject> frames = reader.frames();
    assertEquals(20, frames.size());
    for (int i = 1; i <= 20; i++) {
      assertEquals(json("['s%d']".formatted(i)), at(frames.get(i - 1), "subscriptionIds"));
    }
    for (int i = 1; i <= 19; i++) {
      reader.askOne("{'type':'unsubscribe','subscriptionId':'s%d'}".formatted(i));
    }
    for (int i = 1; i <= 20; i++) {
      merge("s", "d" + i, "{}");
    }
    assertEquals(List.of("merge 2 d20"), reader.told());
    assertEquals(1, harness.subscriptions);
  }

  @Test
  void aFilterChoosesDocumentsAndTellsWhenTheyLeave() {
    reader.subscribe("'topic':'sync.s.updated','filter':{'status':'active'}");
    create("s", "a", "{'status':'active'}");
    create("s", "b", "{'status':'idle'}");
    merge("s", "a", "{'n':1}");
    merge("s", "a", "{'status':'idle'}");
    merge("s", "a", "{'n':2}");
    merge("s", "b", "{'status':'active'}");
    List<JsonObject> events = reader.events();
    assertEquals(
        List.of("create 1 a", "merge 2 a", "merge 3 a", "merge 2 b"),
        events.stream().map(Look::told).toList());
    assertNull(at(events.get(1), "metadata", "match"));
    assertEquals("left", text(events.get(2), "metadata", "match"));
    assertNull(at(events.get(3), "metadata", "match"));
  }

  @Test
  void aScopeIsForThoseWhoWatchTheDoor() {
    reader.subscribe("'topic':'sync.s.updated','filter':{'n':{'gt':5}},'scope':'in'");
    SyncClient out = harness.client();
    out.subscribe("'topic':'sync.s.updated','filter':{'n':{'gt':5}},'scope':'out'");
    create("s", "a", "{'n':1}");
    merge("s", "a", "{'n':6}");
    merge("s", "a", "{'n':7}");
    merge("s", "a", "{'n':2}");
    merge("s", "a", "{'n':9}");
    writer.done("'op':'delete','service':'s','id':'a'");
    assertEquals(List.of("merge 2 a", "merge 5 a"), reader.told());
    assertEquals(List.of("merge 4 a", "delete 6 a"), out.told());
  }

  @Test
  void ownWritesAreLeftOutWhereThatIsWanted() {
    writer.subscribe("'topic':'sync.s.updated','echo':false");
    reader.subscribe("'topic':'sync.s.updated','echo':false");
    JsonObject answer = writer.sync("'op':'create','service':'s','id':'a','data':{}");
    assertEquals("result", text(answer, "type"));
    reader.frames();
    reader.ask("{'type':'sync','requestId':'r','op':'merge','service':'s','id':'a','data':{}}");
    assertEquals(List.of("merge 2 a"), writer.told());
  }

  @Test
  void ownWritesAreToldAsAnybodyElsesOtherwise() {
    writer.subscribe("'topic':'sync.s.updated'");
    List<JsonObject> frames =
        writer.ask(
            "{'type':'sync','requestId':'r','op':'create','service':'s','id':'a','data':{}}");
    assertEquals(
        List.of("event", "result"), frames.stream().map(frame -> text(frame, "type")).toList());
  }

  @Test
  void nothingComesAfterAnUnsubscribe() {
    reader.subscribe("'topic':'sync.s.updated'");
    JsonObject ended = reader.askOne("{'type':'unsubscribe','subscriptionId':'s1','ref':'u'}");
    assertEquals(json("{'type':'unsubscribed','subscriptionId':'s1','ref':'u'}"), ended);
    create("s", "a", "{}");
    assertEquals(List.of(), reader.take());
    assertEquals(0, harness.subscriptions);
    assertEquals(
        "NOT_FOUND", text(reader.askOne("{'type':'unsubscribe','subscriptionId':'s1'}"), "code"));
  }

  @Test
  void subscribersWhoAreAlikeShareTheirBytes() {
    var readers = new java.util.ArrayList<SyncClient>();
    for (int i = 0; i < 10; i++) {
      SyncClient each = harness.client();
      each.subscribe("'topic':'sync.s.updated','filter':{'x':{'gte':1}}");
      readers.add(each);
    }
    for (SyncClient each : readers) {
      each.sends = 0;
    }
    writer.ask(
        "[{'type':'sync','requestId':'1','op':'create','service':'s','id':'a','data':{'x':1}},"
            + "{'type':'sync','requestId':'2','op':'merge','service':'s','id':'a','data':{'x':2}},"
            + "{'type':'sync','requestId':'3','op':'create',"
            + "'service':'s','id':'b','data':{'x':0}}]");
    for (SyncClient each : readers) {
      assertEquals(List.of("create 1 a", "merge 2 a"), each.told());
      assertEquals(1, each.sends, "one write for the whole batch");
    }
  }

  @Test
  void aConnectionThatIsGoneIsForgotten() {
    reader.subscribe("'topic':'sync.s.updated'");
    reader.subscribe("'topic':'sync.*.updated','filter':{'a':1}");
    reader.disconnect();
    harness.settle();
    assertEquals(0, harness.subscriptions);
    create("s", "a", "{}");
    assertEquals(List.of(), reader.take());
  }

  @Test
  void aRecordThatIsOnlyOpenedIsSeenByNobody() {
    reader.subscribe("'topic':'sync.s.updated'");
    assertEquals("NOT_FOUND", text(writer.sync("'op':'get','service':'s','id':'opened'"), "code"));
    assertEquals(List.of(), reader.take());
  }

  @Test
  void eventsOfABatchShareItsName() {
    reader.subscribe("'topic':'sync.s.updated'");
    writer.ask(
        "{'type':'sync','requestId':'b1','op':'batch','ops':["
            + "{'op':'create','service':'s','id':'a','data':{}},"
            + "{'op':'create','service':'s','id':'b','data':{}}]}");
    List<JsonObject> events = reader.events();
    assertEquals(2, events.size());
    assertEquals(
        text(events.getFirst(), "metadata", "batchId"),
        text(events.getLast(), "metadata", "batchId"));
    assertEquals("b1", text(events.getLast(), "metadata", "requestId"));
  }

  @Test
  void wishesThatCannotBeReadAreRefused() {
    for (String wish :
        List.of(
            "'topic':'sync.s'",
            "'topic':'sync.s.changed'",
            "'topic':7",
            "'returnMode':'full'",
            "'topic':'sync.s.updated','returnMode':'half'",
            "'topic':'sync.s.updated','scope':'up'",
            "'topic':'sync.s.updated','filter':[]",
            "'topic':'sync.s.updated','filter':{'a':{'like':1}}",
            "'topic':'sync.s.updated','conflate':'yes'",
            "'topic':'sync.s.updated','conflate':-1",
            "'topic':'sync.s.updated','recover':'yesterday'",
            "'topic':'sync.s.updated','recover':[1]",
            "'topic':'sync.s.updated','echo':0",
            "'topic':'sync.*.updated','snapshot':true",
            "'topic':'sync.s.updated','retrunMode':'full'")) {
      JsonObject refused = reader.subscribe(wish + ",'ref':'x'");
      assertEquals("error", text(refused, "type"), wish);
      assertEquals(400, number(refused, "status"), wish);
      assertEquals("x", text(refused, "ref"), wish);
    }
    assertEquals(0, harness.subscriptions);
  }

  @Test
  void aConnectionMayHoldSoManySubscriptions() {
    for (int i = 0; i < 100; i++) {
      reader.subscribe("'topic':'sync.s%d.updated'".formatted(i));
    }
    JsonObject refused = reader.subscribe("'topic':'sync.s.updated'");
    assertEquals("LIMIT_REACHED", text(refused, "code"));
    assertTrue(at(refused, "message") != null && !(at(refused, "details") instanceof JsonArray));
  }
}
