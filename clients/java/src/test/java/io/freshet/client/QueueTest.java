// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.Requests.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What waits for an answer: how much, how long, and what becomes of it when a connection falls.
@Timeout(60)
class QueueTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final TestLine line = new TestLine();

  private Requests requests(int most, WhenFull then, Duration timeout) {
    return new Requests(line.hub, TestLine.limits(most, then, timeout), line);
  }

  private Refs refs(int most, WhenFull then, Duration timeout) {
    return new Refs(line.hub, TestLine.limits(most, then, timeout), line);
  }

  private CompletableFuture<Frame> call(Requests requests, String id, boolean isWrite) {
    return line.hub.locked(
        () -> requests.call(new Operation(id, "op " + id, isWrite), line.nextOrder()));
  }

  private void answer(Requests requests, String id) {
    line.hub.locked(() -> {
      requests.answer(TestLine.frame("{'type':'result','requestId':'" + id + "'}"));
    });
  }

  private CompletableFuture<Frame> set(Refs refs, String name) {
    return line.hub.locked(() -> refs.write(frame -> frame.text("op", "set").text("name", name)));
  }

  private void reconnect(Runnable down, java.util.function.Supplier<List<Outgoing>> waiting) {
    line.hub.locked(() -> {
      line.isUp = false;
      down.run();
      line.isUp = true;
      var all = new ArrayList<>(waiting.get());
      all.sort(Comparator.comparingLong(Outgoing::order));
      all.forEach(each -> each.send().run());
    });
  }

  @Test
  void beyondTheBoundFailsAtOnce() throws Exception {
    Requests requests = requests(2, WhenFull.FAIL, MINUTE);
    CompletableFuture<Frame> first = call(requests, "1", true);
    CompletableFuture<Frame> second = call(requests, "2", true);
    assertEquals("OVERLOADED", TestLine.code(call(requests, "3", true)));
    answer(requests, "1");
    TestLine.result(first);
    CompletableFuture<Frame> fourth = call(requests, "4", true);
    assertEquals(List.of("op 1", "op 2", "op 4"), line.takeSent());
    assertFalse(second.isDone() || fourth.isDone());

    Refs refs = refs(1, WhenFull.FAIL, MINUTE);
    CompletableFuture<Frame> one = set(refs, "a");
    assertEquals("OVERLOADED", TestLine.code(set(refs, "b")));
    line.hub.locked(() -> {
      refs.answer(TestLine.frame("{'type':'record','ref':'r1'}"));
    });
    TestLine.result(one);
    assertFalse(set(refs, "c").isDone());
  }

  /// A thread that is about to make an operation, and waits for room.
  private CompletableFuture<CompletableFuture<Frame>> waiting(Requests requests, String id) {
    var made = new CompletableFuture<CompletableFuture<Frame>>();
    Thread thread =
        Thread.ofPlatform().daemon().start(() -> made.complete(call(requests, id, true)));
    while (thread.getState() != Thread.State.TIMED_WAITING
        && thread.getState() != Thread.State.WAITING
        && thread.isAlive()) {
      LockSupport.parkNanos(100_000);
    }
    return made;
  }

  @Test
  void orWaitsForRoom() throws Exception {
    for (Duration timeout : List.of(MINUTE, Duration.ZERO)) {
      Requests requests = requests(1, WhenFull.WAIT, timeout);
      CompletableFuture<Frame> first = call(requests, "1", true);
      CompletableFuture<CompletableFuture<Frame>> second = waiting(requests, "2");
      CompletableFuture<CompletableFuture<Frame>> third = waiting(requests, "3");
      assertFalse(second.isDone() || third.isDone());
      answer(requests, "1");
      TestLine.result(first);
      TestLine.result(CompletableFuture.anyOf(second, third));
      assertFalse(second.isDone() && third.isDone());
      answer(requests, "2");
      answer(requests, "3");
      TestLine.result(second);
      TestLine.result(third);
    }
  }

  @Test
  void whoeverWaitsForRoomIsToldWhenThereWillBeNoConnection() throws Exception {
    Requests requests = requests(1, WhenFull.WAIT, Duration.ZERO);
    CompletableFuture<Frame> first = call(requests, "1", true);
    var late = List.of(waiting(requests, "2"), waiting(requests, "3"), waiting(requests, "4"));
    line.hub.locked(() -> {
      line.isHopeless = true;
      requests.over("closed by the program");
    });
    assertEquals("NOT_DURABLE", TestLine.code(first));
    for (CompletableFuture<CompletableFuture<Frame>> each : late) {
      assertEquals("UNAVAILABLE", TestLine.code(TestLine.result(each)));
    }
    assertEquals("UNAVAILABLE", TestLine.code(call(requests, "5", true)));
  }

  @Test
  void anInterruptedThreadWaitsNoMore() throws Exception {
    Requests requests = requests(1, WhenFull.WAIT, Duration.ZERO);
    call(requests, "1", true);
    var code = new CompletableFuture<String>();
    var begun = new CountDownLatch(1);
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              begun.countDown();
              code.complete(TestLine.code(call(requests, "2", true)));
            });
    begun.await();
    thread.interrupt();
    assertEquals("OVERLOADED", TestLine.result(code.exceptionally(failure -> "" + failure)));
  }

  @Test
  void aLostAnswerIsAskedForAgainInOrder() throws Exception {
    Requests requests = requests(10, WhenFull.FAIL, Duration.ZERO);
    CompletableFuture<Frame> first = call(requests, "1", true);
    call(requests, "2", false);
    reconnect(() -> requests.down(1006), requests::waiting);
    answer(requests, "1");
    TestLine.result(first);
    reconnect(() -> requests.down(1006), requests::waiting);
    assertEquals(List.of("op 1", "op 2", "op 1", "op 2", "op 2"), line.takeSent());

    Refs refs = refs(10, WhenFull.FAIL, Duration.ZERO);
    CompletableFuture<Frame> set = set(refs, "a");
    reconnect(refs::down, refs::waiting);
    List<String> sent = line.takeSent();
    assertEquals(2, sent.size());
    assertEquals(sent.get(0), sent.get(1));
    assertTrue(sent.get(0).contains("\"requestId\":\"request-"), sent.get(0));
    line.hub.locked(() -> {
      refs.answer(TestLine.frame("{'type':'record','ref':'r1','revision':1}"));
    });
    assertEquals(1, TestLine.result(set).number("revision", 0));
  }

  @Test
  void whatBringsTheConnectionDownEveryTimeIsGivenUp() {
    Requests requests = requests(10, WhenFull.FAIL, Duration.ZERO);
    Refs refs = refs(10, WhenFull.FAIL, Duration.ZERO);
    CompletableFuture<Frame> write = call(requests, "1", true);
    CompletableFuture<Frame> read = call(requests, "2", false);
    CompletableFuture<Frame> set = set(refs, "a");
    for (int i = 1; i < Requests.FALLS_MAX; i++) {
      reconnect(() -> requests.down(1006), requests::waiting);
      reconnect(refs::down, refs::waiting);
      assertFalse(write.isDone() || read.isDone() || set.isDone());
    }
    reconnect(() -> requests.down(1006), requests::waiting);
    reconnect(refs::down, refs::waiting);
    assertEquals("NOT_DURABLE", TestLine.code(write));
    assertEquals("NOT_DURABLE", TestLine.code(set));
    // It only stood behind what did.
    assertFalse(read.isDone());
  }

  @Test
  void whatTheServerMayHaveForgottenIsNotSentAgain() {
    Requests requests = requests(10, WhenFull.FAIL, Duration.ZERO);
    Refs refs = refs(10, WhenFull.FAIL, Duration.ZERO);
    CompletableFuture<Frame> write = call(requests, "1", true);
    CompletableFuture<Frame> set = set(refs, "a");
    line.isUp = false;
    CompletableFuture<Frame> unsent = call(requests, "2", true);
    line.timing.pass(Requests.RESENT_WITHIN_NANOS / 1_000_000 + 1);
    reconnect(() -> requests.down(1006), requests::waiting);
    reconnect(refs::down, refs::waiting);
    assertEquals("NOT_DURABLE", TestLine.code(write));
    assertEquals("NOT_DURABLE", TestLine.code(set));
    assertFalse(unsent.isDone());
    assertTrue(line.takeSent().contains("op 2"));
  }

  @Test
  void anAnswerHasItsTime() {
    Requests requests = requests(10, WhenFull.FAIL, MINUTE);
    Refs refs = refs(10, WhenFull.FAIL, MINUTE);
    CompletableFuture<Frame> write = call(requests, "1", true);
    CompletableFuture<Frame> read = call(requests, "2", false);
    CompletableFuture<Frame> set = set(refs, "a");
    line.isUp = false;
    CompletableFuture<Frame> unsent = call(requests, "3", true);
    line.timing.pass(59_999);
    assertFalse(write.isDone() || read.isDone() || set.isDone() || unsent.isDone());
    line.timing.pass(1);
    assertEquals("NOT_DURABLE", TestLine.code(write));
    assertEquals("UNAVAILABLE", TestLine.code(read));
    assertEquals("NOT_DURABLE", TestLine.code(set));
    assertEquals("UNAVAILABLE", TestLine.code(unsent));
    assertEquals(0, line.timing.waiting());
  }
}
