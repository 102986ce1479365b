// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static io.freshet.client.FreshetClient.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.BatchStep;
import io.freshet.client.Diff;
import io.freshet.client.Document;
import io.freshet.client.DocumentCollection;
import io.freshet.client.FieldChange;
import io.freshet.client.FreshetClient;
import io.freshet.client.FreshetClientException;
import io.freshet.client.ListOptions;
import io.freshet.client.Mutations;
import io.freshet.client.Page;
import io.freshet.client.ReturnMode;
import io.freshet.client.Subscription;
import io.freshet.client.SubscriptionInfo;
import io.freshet.client.TopicEvent;
import io.freshet.client.TopicOptions;
import io.freshet.client.UpdateOptions;
import io.freshet.client.WriteOptions;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Documents and topics through the Java client.
@Timeout(120)
class JavaClientDocumentsE2E {
  private static final int SECONDS_MAX = 30;

  @TempDir static Path folder;
  private static RunningServer server;
  private static int count;

  private FreshetClient client;
  private String service;

  enum Status {
    ACTIVE,
    ENDED
  }

  record Host(String name, List<String> tags) {}

  record Session(Status status, int participants, Optional<String> notes, Host host) {
    Session with(Status next) {
      return new Session(next, participants, notes, host);
    }

    Session joined() {
      return new Session(status, participants + 1, notes, host);
    }
  }

  private static final Session ACTIVE =
      new Session(Status.ACTIVE, 1, Optional.empty(), new Host("anna", List.of("a", "b")));

  @BeforeAll
  static void start() throws Exception {
    server = RunningServer.start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @BeforeEach
  void connect() {
    client = FreshetClient.connect("ws://" + server.address());
    service = "session" + ++count;
  }

  @AfterEach
  void close() {
    client.close();
  }

  private DocumentCollection<Session> sessions() {
    return client.sync().collection(service, Session.class);
  }

  private static FreshetClientException failure(CompletableFuture<?> future) {
    return assertThrows(FreshetClientException.class, () -> await(future));
  }

  @Test
  void writesAndReadsRecords() {
    Document<Session> made = await(sessions().create(ACTIVE));
    assertTrue(made.id().startsWith("doc_"), made.id());
    assertEquals(1, made.revision());
    assertEquals(ACTIVE, made.data());
    String id = made.id();

    assertEquals(
        Status.ENDED, await(sessions().replace(id, ACTIVE.with(Status.ENDED))).data().status());
    Document<Session> merged = await(sessions().merge(id, Map.of("notes", "ok")));
    assertEquals(Optional.of("ok"), merged.data().notes());
    Document<Session> mutated =
        await(
            sessions()
                .mutate(
                    id,
                    Mutations.begin()
                        .increment("participants", 41)
                        .push("host.tags", "c")
                        .unset("notes")));
    assertEquals(42, mutated.data().participants());
    assertEquals(List.of("a", "b", "c"), mutated.data().host().tags());
    assertEquals(Optional.empty(), mutated.data().notes());
    assertEquals(4, mutated.revision());
    assertEquals(mutated, await(sessions().get(id)));

    await(sessions().delete(id));
    assertEquals(Optional.empty(), await(sessions().find(id)));
    assertTrue(await(sessions().get(id, true)).deleted());
    assertEquals(6, await(sessions().restore(id)).revision());
    Instant expiry = Instant.ofEpochMilli(System.currentTimeMillis() + 3_600_000);
    assertEquals(expiry, await(sessions().touch(id, expiry)).expiresAt());
  }

  @Test
  void isToldOfConflictsWithTheirCode() {
    await(sessions().create("a", ACTIVE));
    assertInstanceOf(
        FreshetClientException.Conflict.class, failure(sessions().create("a", ACTIVE)));
    FreshetClientException stale =
        failure(sessions().replace("a", ACTIVE, WriteOptions.expecting(7).withCurrent()));
    assertEquals("REVISION_CONFLICT", stale.code());
    assertEquals(409, stale.status());
    assertTrue(stale.getMessage().contains("conflict"), stale.getMessage());
    assertEquals(1L, ((Map<?, ?>) stale.details().get("current")).get("revision"));
    FreshetClientException missing = failure(sessions().get("nobody"));
    assertInstanceOf(FreshetClientException.NotFound.class, missing);
    assertEquals("NOT_FOUND", missing.code());
    assertInstanceOf(
        FreshetClientException.Invalid.class,
        failure(sessions().mutate("a", Map.of("n", Map.of("$nonsense", 1)), WriteOptions.NONE)));
  }

  @Test
  void keepsNumbersExactly() {
    var data = new HashMap<String, Object>();
    data.put("small", 7L);
    data.put("half", 0.5);
    data.put("beyond", new BigInteger("9007199254740993000000000"));
    data.put("exact", new BigDecimal("0.1234567890123456789012345"));
    data.put("large", Long.MAX_VALUE);
    data.put("nothing", null);
    data.put("list", List.of("ü", true));
    await(client.sync().create(service, data, "n"));
    assertEquals(data, await(client.sync().get(service, "n")).data());
    assertEquals(
        new BigDecimal("0.3"),
        await(client.sync().collection(service, Sum.class).create(new Sum(new BigDecimal("0.3"))))
            .data()
            .sum());
  }

  record Sum(BigDecimal sum) {}

  @Test
  void updatesAgainstOtherWriters() {
    await(sessions().create("a", ACTIVE));
    var updates = new ArrayList<CompletableFuture<?>>();
    for (int i = 0; i < 20; i++) {
      updates.add(
          sessions()
              .update("a", Session::joined, UpdateOptions.<Session>standard().attempts(1_000)));
    }
    await(CompletableFuture.allOf(updates.toArray(CompletableFuture[]::new)));
    assertEquals(21, await(sessions().get("a")).data().participants());
    assertEquals(
        2,
        await(sessions().update("new", Session::joined, UpdateOptions.orCreate(() -> ACTIVE)))
            .data()
            .participants());
    assertEquals("NOT_FOUND", failure(sessions().update("missing", Session::joined)).code());
  }

  @Test
  void listsPagesAndHistory() {
    for (int i = 0; i < 5; i++) {
      await(sessions().create("d" + i, ACTIVE));
    }
    Page<Document<Session>, String> page = await(sessions().list(ListOptions.ALL.limit(3)));
    assertEquals(List.of("d0", "d1", "d2"), page.items().stream().map(Document::id).toList());
    Page<Document<Session>, String> rest =
        await(sessions().list(ListOptions.ALL.after(page.next())));
    assertEquals(List.of("d3", "d4"), rest.items().stream().map(Document::id).toList());

    await(sessions().merge("d0", Map.of("participants", 2)));
    var history = await(sessions().history("d0", 0, 0)).items();
    assertEquals(List.of("create", "merge"), history.stream().map(e -> e.operation()).toList());
    assertEquals(
        Map.of("participants", new FieldChange(1L, 2L, false)), history.getLast().diff().changed());
  }

  @Test
  void writesAllOfABatchOrNothing() {
    var made =
        await(
            client
                .sync()
                .batch(
                    List.of(
                        new BatchStep.Create(service, "a", ACTIVE),
                        new BatchStep.Create(service, "b", Map.of("status", "ENDED")))));
    assertEquals(List.of("a", "b"), made.stream().map(Document::id).toList());
    FreshetClientException refused =
        failure(
            client
                .sync()
                .batch(
                    List.of(
                        new BatchStep.Delete(service, "b", null),
                        new BatchStep.Replace(service, "a", ACTIVE, 9L))));
    assertEquals("REVISION_CONFLICT", refused.code());
    assertTrue(await(sessions().find("a")).isPresent());
    assertEquals(1, await(client.sync().get(service, "b")).revision());
  }

  // Topics.

  private <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(SECONDS_MAX, TimeUnit.SECONDS);
    assertTrue(next != null, "nothing came");
    return next;
  }

  @Test
  void deliversTypedEventsInEveryMode() throws Exception {
    var full = new LinkedBlockingQueue<TopicEvent<Session>>();
    var diffs = new LinkedBlockingQueue<TopicEvent<Session>>();
    Subscription one = sessions().subscribe(full::add);
    Subscription two =
        sessions().subscribe(TopicOptions.updated(service).returnMode(ReturnMode.DIFF), diffs::add);
    await(one.ready());
    await(two.ready());
    await(sessions().create("a", ACTIVE));
    await(sessions().merge("a", Map.of("status", "ENDED", "notes", "ok")));
    await(sessions().delete("a"));

    assertEquals(ACTIVE, next(full).data());
    assertEquals(Status.ENDED, next(full).data().status());
    assertTrue(next(full).deleted());
    assertFalse(next(diffs).diff().isEmpty());
    TopicEvent<Session> merge = next(diffs);
    assertEquals("merge", merge.operation());
    assertEquals(
        new Diff(
            Map.of("notes", "ok"),
            Map.of(),
            Map.of("status", new FieldChange("ACTIVE", "ENDED", false))),
        merge.diff());
    assertEquals(
        Map.of("status", "ENDED", "notes", "ok", "n", 1L),
        merge.diff().applyTo(Map.of("status", "ACTIVE", "n", 1L)));

    one.close();
    await(sessions().create("b", ACTIVE));
    next(diffs); // the deletion
    assertEquals("b", next(diffs).documentId());
    assertTrue(full.isEmpty());
  }

  @Test
  void beginsWithASnapshotAndGoesOnFromAPosition() throws Exception {
    await(sessions().create("a", ACTIVE));
    await(sessions().create("b", ACTIVE.with(Status.ENDED)));
    var events = new LinkedBlockingQueue<TopicEvent<Session>>();
    Subscription first =
        sessions()
            .subscribe(
                TopicOptions.updated(service).withSnapshot().filter(Map.of("status", "ACTIVE")),
                events::add);
    assertEquals("snapshot", next(events).operation());
    await(sessions().merge("a", Map.of("participants", 5)));
    assertEquals(5, next(events).data().participants());
    List<String> position = first.position();
    first.close();
    await(sessions().merge("a", Map.of("participants", 6)));
    Subscription second =
        sessions().subscribe(TopicOptions.updated(service).recover(position), events::add);
    SubscriptionInfo info = await(second.ready());
    assertEquals(Boolean.TRUE, info.recovered());
    assertEquals(6, next(events).data().participants());
    second.close();
  }

  @Test
  void listenersMayWaitForAnswers() throws Exception {
    var read = new LinkedBlockingQueue<Document<Session>>();
    Subscription subscription =
        sessions().subscribe(event -> read.add(await(sessions().get(event.documentId()))));
    await(subscription.ready());
    await(sessions().create("a", ACTIVE));
    assertEquals("a", next(read).id());
  }

  @Test
  void aRefusedSubscriptionSaysWhy() {
    Subscription wrong = client.subscribe(TopicOptions.of("no such topic"), event -> {});
    FreshetClientException why = failure(wrong.ready());
    assertEquals(400, why.status());
  }
}
