// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a live record makes of refusals, new rules, falls of the connection and its client's end.
@Timeout(60)
class RecordStateTest {
  private final TestLine line = new TestLine();
  private final Records records = records(100);
  private final BlockingQueue<String> errors = new LinkedBlockingQueue<>();

  private Records records(int most) {
    return records(most, WhenFull.FAIL, Duration.ZERO);
  }

  private Records records(int most, WhenFull then, Duration timeout) {
    return new Records(
        line.hub,
        new Mapper(null),
        TestLine.limits(most, then, timeout),
        new Backoff(100, 1000),
        line);
  }

  private LiveRecord record(String name) {
    return new LiveRecord(records, records.hold(name)).onError(why -> errors.add(why.code()));
  }

  private void says(String json) {
    line.hub.locked(() -> records.received(TestLine.frame(json)));
  }

  private void refuses(String json) {
    line.hub.locked(() -> {
      assertTrue(records.refuse(TestLine.frame("{'type':'error'," + json + "}")));
    });
  }

  private String error() throws InterruptedException {
    return "" + errors.poll(30, TimeUnit.SECONDS);
  }

  private LiveRecord opened() throws Exception {
    LiveRecord record = record("a/b");
    says("{'type':'record','ref':'o1','name':'a/b','revision':4,'data':{'n':1}}");
    TestLine.result(record.whenReady());
    line.takeSent();
    return record;
  }

  private void reconnect() {
    line.hub.locked(() -> {
      line.isUp = false;
      records.down();
      line.isUp = true;
      records.waiting().forEach(each -> each.send().run());
    });
  }

  @Test
  void oneThatMayNotBeOpenedSaysSo() throws Exception {
    LiveRecord record = record("a/b");
    CompletableFuture<Void> write = record.set("n", 2);
    refuses("'ref':'o1','code':'FORBIDDEN','status':403");
    assertEquals("FORBIDDEN", TestLine.code(record.whenReady()));
    assertEquals("FORBIDDEN", TestLine.code(write));
    assertEquals("FORBIDDEN", error());
    assertEquals("FORBIDDEN", TestLine.code(record.set("n", 3)));
    assertFalse(record.isReady());
  }

  @Test
  void newRulesEndItAndWritesOnTheirWayAreStillAnswered() throws Exception {
    LiveRecord record = opened();
    CompletableFuture<Void> done = record.set("n", 2);
    CompletableFuture<Void> refused = record.set("n", 3);
    CompletableFuture<Void> lost = record.set("n", 4);
    assertEquals(3, line.takeSent().size());
    refuses("'name':'a/b','code':'FORBIDDEN','status':403");
    assertEquals("FORBIDDEN", error());
    says("{'type':'record','ref':'w2','name':'a/b','revision':5}");
    TestLine.result(done);
    refuses("'ref':'w3','code':'PERMISSION_ERROR','status':403");
    assertEquals("PERMISSION_ERROR", TestLine.code(refused));
    assertFalse(lost.isDone());
    reconnect();
    assertEquals("NOT_DURABLE", TestLine.code(lost));
    assertEquals(List.of(), line.takeSent(), "it is not opened again by itself");
    assertEquals("FORBIDDEN", TestLine.code(record.set("n", 5)));
    assertEquals("FORBIDDEN", TestLine.code(record.whenReady()));
    assertEquals(Map.of("n", 4L), record.get());
    LiveRecord again = record("a/b");
    says("{'type':'record','ref':'o5','name':'a/b','revision':6,'data':{'n':6}}");
    TestLine.result(again.whenReady());
    assertEquals(Map.of("n", 6L), again.get());
  }

  @Test
  void aServerThatIsBusyIsAskedAgain() throws Exception {
    LiveRecord record = record("a/b");
    assertEquals(1, line.takeSent().size());
    refuses("'ref':'o1','code':'OVERLOADED','status':503");
    line.timing.pass(99);
    assertEquals(0, line.takeSent().size());
    line.timing.pass(1);
    assertEquals(1, line.takeSent().size());
    refuses("'ref':'o2','code':'UNAVAILABLE','status':503");
    line.timing.pass(200);
    assertEquals(1, line.takeSent().size());
    says("{'type':'record','ref':'o3','name':'a/b','revision':0,'data':{}}");
    TestLine.result(record.whenReady());
    refuses("'name':'a/b','code':'OVERLOADED','status':503");
    assertEquals("OVERLOADED", error());
  }

  @Test
  void aDeletionIsRepeatedAndDoesNotMakeItAnew() throws Exception {
    LiveRecord record = opened();
    CompletableFuture<Void> deleted = record.delete();
    List<String> first = line.takeSent();
    reconnect();
    assertEquals(first, line.takeSent(), "the same once more, and no opening");
    says("{'type':'record','ref':'r1','name':'a/b'}");
    TestLine.result(deleted);
    assertEquals("NOT_FOUND", TestLine.code(record.set("n", 2)));
  }

  @Test
  void oneWhoseDeletionIsRefusedGoesOn() throws Exception {
    LiveRecord record = opened();
    CompletableFuture<Void> deleted = record.delete();
    reconnect();
    line.takeSent();
    refuses("'ref':'r1','code':'FORBIDDEN','status':403");
    assertEquals("FORBIDDEN", TestLine.code(deleted));
    List<String> sent = line.takeSent();
    assertEquals(1, sent.size());
    assertTrue(sent.getFirst().contains("\"op\":\"open\""), sent.getFirst());
  }

  @Test
  void oneThatWasDiscardedBeforeItIsOpenIsClosed() throws Exception {
    LiveRecord record = record("a/b");
    record.discard();
    line.takeSent();
    says("{'type':'record','ref':'o1','name':'a/b','revision':4,'data':{'n':1}}");
    assertEquals(
        List.of("{\"type\":\"record\",\"op\":\"close\",\"ref\":\"close\",\"name\":\"a/b\"}"),
        line.takeSent());
    reconnect();
    assertEquals(List.of(), line.takeSent());
  }

  @Test
  void whoWaitsIsToldWhenThereWillBeNoConnection() throws Exception {
    LiveRecord record = record("a/b");
    CompletableFuture<LiveRecord> ready = record.whenReady();
    CompletableFuture<Void> write = record.set("n", 1);
    line.hub.locked(() -> {
      line.isUp = false;
      records.down();
      records.over(FreshetClientException.unavailable("nobody is there"));
    });
    assertEquals("UNAVAILABLE", TestLine.code(ready));
    assertFalse(write.isDone(), "it waits for another connection");
    line.hub.locked(() -> {
      line.isUp = true;
      records.waiting().forEach(each -> each.send().run());
    });
    says("{'type':'record','ref':'o2','name':'a/b','revision':0,'data':{}}");
    says("{'type':'record','ref':'w3','name':'a/b','revision':1}");
    TestLine.result(write);
  }

  @Test
  void theEndOfTheClientIsTheEndOfAllItsWrites() throws Exception {
    LiveRecord record = opened();
    CompletableFuture<Void> sent = record.set("n", 2);
    LiveRecord other = record("a/c");
    CompletableFuture<Void> unsent = other.set("n", 2);
    line.hub.locked(() -> {
      line.isUp = false;
      records.down();
      records.close();
    });
    assertEquals("NOT_DURABLE", TestLine.code(sent));
    assertEquals("UNAVAILABLE", TestLine.code(unsent));
    assertEquals("UNAVAILABLE", TestLine.code(other.whenReady()));
  }

  @Test
  void writesThatWaitAreBounded() throws Exception {
    Records few = records(2);
    var record = new LiveRecord(few, few.hold("a/b"));
    record.set("n", 1);
    CompletableFuture<Void> second = record.set("n", 2);
    assertEquals("OVERLOADED", TestLine.code(record.set("n", 3)));
    line.hub.locked(() -> {
      few.received(TestLine.frame("{'type':'record','ref':'o1','name':'a/b','revision':0}"));
      few.received(TestLine.frame("{'type':'record','ref':'w2','name':'a/b','revision':1}"));
    });
    CompletableFuture<Void> third = record.set("n", 3);
    assertFalse(second.isDone() || third.isDone());
    assertEquals(Map.of("n", 3L), record.get());
  }

  @Test
  void writesMayWaitForRoom() throws Exception {
    Records few = records(1, WhenFull.WAIT, Duration.ZERO);
    var record = new LiveRecord(few, few.hold("a/b"));
    line.hub.locked(() -> {
      few.received(TestLine.frame("{'type':'record','ref':'o1','name':'a/b','revision':0}"));
    });
    record.set("n", 1);
    var second = new CompletableFuture<CompletableFuture<Void>>();
    Thread thread = Thread.ofPlatform().daemon().start(() -> second.complete(record.set("n", 2)));
    while (thread.getState() != Thread.State.TIMED_WAITING && thread.isAlive()) {
      Thread.onSpinWait();
    }
    assertEquals(Map.of("n", 1L), record.get(), "a write that waits is not seen yet");
    line.hub.locked(() -> {
      few.received(TestLine.frame("{'type':'record','ref':'w2','name':'a/b','revision':1}"));
    });
    assertFalse(TestLine.result(second).isDone());
    assertEquals(Map.of("n", 2L), record.get());
  }

  @Test
  void nothingIsLeftOfWhatIsOver() throws Exception {
    Records many = records(100, WhenFull.FAIL, Duration.ofMinutes(1));
    int ref = 0;
    for (int i = 0; i < 1000; i++) {
      String name = "'name':'a/" + i + "'";
      var record = new LiveRecord(many, many.hold("a/" + i));
      CompletableFuture<Void> write = record.set("n", 1);
      CompletableFuture<Void> other = many.setData("b/" + i, "n", 1);
      String opened = "{'type':'record','ref':'o" + ++ref + "'," + name + ",'revision':0}";
      String written = "{'type':'record','ref':'w" + ++ref + "'," + name + ",'revision':1}";
      String set = "{'type':'record','ref':'r" + (i + 1) + "','revision':1}";
      line.hub.locked(() -> {
        many.received(TestLine.frame(opened));
        many.received(TestLine.frame(written));
        many.received(TestLine.frame(set));
      });
      TestLine.result(write);
      TestLine.result(other);
      record.discard();
    }
    assertTrue(line.hub.locked(many::isIdle));
    assertEquals(0, line.timing.waiting());
  }

  @Test
  void aPatternThatMayNotBeListenedToAnyMoreIsOver() throws Exception {
    CompletableFuture<Void> listening = records.listens().add("^a/", request -> {});
    says("{'type':'listening','ref':'r1','pattern':'^a/'}");
    TestLine.result(listening);
    // Registered when the answer has reached the listener, on a thread of its own.
    while (line.hub.locked(records.listens()::waiting).isEmpty()) {
      Thread.onSpinWait();
    }
    refuses("'pattern':'^a/','code':'FORBIDDEN','status':403");
    synchronized (line.reported) {
      assertEquals(List.of("FORBIDDEN"), line.reported);
    }
    assertTrue(line.hub.locked(records.listens()::waiting).isEmpty());
  }
}
