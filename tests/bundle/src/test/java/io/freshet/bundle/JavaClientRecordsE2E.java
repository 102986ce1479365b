// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static io.freshet.client.FreshetClient.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.AnonymousRecord;
import io.freshet.client.FreshetClient;
import io.freshet.client.FreshetClientException;
import io.freshet.client.ListenRequest;
import io.freshet.client.LiveList;
import io.freshet.client.LiveList.EntryChange;
import io.freshet.client.LiveRecord;
import io.freshet.client.MergeStrategy;
import io.freshet.client.Registration;
import io.freshet.testkit.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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

/// Live records through the Java client.
@Timeout(120)
class JavaClientRecordsE2E {
  private static final int SECONDS_MAX = 30;

  @TempDir static Path folder;
  private static RunningServer server;
  private static int count;

  private FreshetClient one;
  private FreshetClient other;
  private String name;

  record Coords(double lat, double lon) {}

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
    one = client();
    other = client();
    name = "driver/jack" + ++count;
  }

  @AfterEach
  void close() {
    one.close();
    other.close();
  }

  private static FreshetClient client() {
    return FreshetClient.builder("ws://" + server.address())
        .reconnectionAttempts(Integer.MAX_VALUE)
        .reconnectionDelay(Duration.ofMillis(20), Duration.ofMillis(100))
        .build();
  }

  private static LiveRecord ready(FreshetClient client, String name) {
    return await(client.records().getRecord(name).whenReady());
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(SECONDS_MAX, TimeUnit.SECONDS);
    assertTrue(next != null, "nothing came");
    return next;
  }

  @Test
  void bothSidesSeeTheSameRecord() throws Exception {
    LiveRecord mine = ready(one, name);
    LiveRecord theirs = ready(other, name);
    assertEquals(Map.of(), mine.get());
    assertEquals(0, mine.version());
    var coords = new LinkedBlockingQueue<Coords>();
    Registration registration = theirs.subscribe("coords", Coords.class, false, coords::add);
    await(mine.set("coords", new Coords(1.5, 2)));
    assertEquals(new Coords(1.5, 2), next(coords));
    registration.close();
    assertEquals(1.5, mine.get("coords.lat"));

    await(mine.set("pets[1].fur.color", "red"));
    await(mine.set(Map.of("a", 1, "list", List.of("x", "y", "z"))));
    await(mine.erase("list[1]"));
    await(mine.erase("a"));
    Eventually.holds(() -> theirs.version() == 5);
    assertEquals(mine.get(), theirs.get());
    assertEquals("z", theirs.get("list[2]"));
    assertNull(theirs.get("list[1]"));
    assertEquals(5L, await(one.records().head(name)));
  }

  @Test
  void readsAndWritesWithoutOpening() {
    assertFalse(await(one.records().has(name)));
    assertEquals(-1L, await(one.records().head(name)));
    assertThrows(FreshetClientException.NotFound.class, () -> await(one.records().snapshot(name)));
    await(one.records().setData(name, Map.of("status", "married")));
    await(one.records().setData(name, "son", "Bart"));
    await(one.records().setData(name, "dog", "Santa"));
    await(one.records().erase(name, "dog"));
    assertEquals(Map.of("status", "married", "son", "Bart"), await(other.records().snapshot(name)));
    assertEquals(4L, await(other.records().head(name)));
    assertTrue(await(other.records().has(name)));
    await(one.records().notify(List.of(name)));
  }

  @Test
  void writesBeforeItIsReady() {
    LiveRecord early = one.records().getRecord(name);
    CompletableFuture<Void> first = early.set("a", 1);
    CompletableFuture<Void> second = early.set("b", 2);
    assertEquals(Map.of("a", 1L, "b", 2L), early.get());
    await(first);
    await(second);
    assertEquals(Map.of("a", 1L, "b", 2L), await(other.records().snapshot(name)));
  }

  @Test
  void pipelinesManyWrites() {
    LiveRecord mine = ready(one, name);
    LiveRecord theirs = ready(other, name);
    CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
    for (int i = 1; i <= 1000; i++) {
      last = mine.set("n", i);
    }
    await(last);
    assertEquals(1000, mine.version());
    Eventually.holds(() -> theirs.version() == 1000);
    assertEquals(1000L, theirs.get("n"));
  }

  @Test
  void mergesWhatIsChangedAtOnce() {
    for (MergeStrategy strategy :
        List.<MergeStrategy>of(
            MergeStrategy.REMOTE_WINS,
            MergeStrategy.LOCAL_WINS,
            conflict -> {
              var both = new java.util.HashMap<>(conflict.remoteMap());
              both.putAll(conflict.localMap());
              return Optional.of(both);
            })) {
      LiveRecord mine = ready(one, name + System.identityHashCode(strategy));
      LiveRecord theirs = ready(other, mine.name());
      mine.setMergeStrategy(strategy);
      theirs.setMergeStrategy(strategy);
      for (int round = 0; round < 30; round++) {
        mine.set("mine", round);
        theirs.set("theirs", round);
      }
      Eventually.holds(() -> hasReached(mine, theirs));
      Eventually.holds(() ->
          await(one.records().snapshot(mine.name())).equals(mine.get()) && isSame(mine, theirs));
    }
  }

  /// What is still on its way may meet the last write, which is then tried again.
  private static boolean hasReached(LiveRecord mine, LiveRecord theirs) {
    if (!Boolean.TRUE.equals(theirs.get("end"))) {
      try {
        await(mine.set("end", true));
      } catch (FreshetClientException.Conflict wasFirst) {
        return false;
      }
    }
    return Boolean.TRUE.equals(theirs.get("end")) && isSame(mine, theirs);
  }

  private static boolean isSame(LiveRecord mine, LiveRecord theirs) {
    return mine.version() == theirs.version() && mine.get().equals(theirs.get());
  }

  @Test
  void tellsOfDeletion() throws Exception {
    LiveRecord mine = ready(one, name);
    LiveRecord theirs = ready(other, name);
    await(mine.set("a", 1));
    var deleted = new LinkedBlockingQueue<String>();
    theirs.onDelete(() -> deleted.add("theirs"));
    await(mine.delete());
    assertEquals("theirs", next(deleted));
    assertEquals("NOT_FOUND", code(theirs.set("a", 2)));
    assertFalse(await(one.records().has(name)));
    LiveRecord again = ready(other, name);
    assertEquals(Map.of(), again.get());
    await(again.set("b", 1));
    assertEquals(Map.of("b", 1L), await(one.records().snapshot(name)));
  }

  private static String code(CompletableFuture<?> future) {
    return assertThrows(FreshetClientException.class, () -> await(future)).code();
  }

  @Test
  void discardsWithTheLastHandle() {
    LiveRecord first = ready(one, name);
    LiveRecord second = ready(one, name);
    first.set("a", 1);
    first.discard();
    await(second.set("b", 2));
    second.close();
    assertEquals(Map.of("a", 1L, "b", 2L), await(other.records().snapshot(name)));
    assertEquals(Map.of("a", 1L, "b", 2L), ready(one, name).get());
  }

  @Test
  void listsTellEntryByEntry() throws Exception {
    LiveList mine = await(one.records().getList("albums/" + name).whenReady());
    LiveList theirs = await(other.records().getList("albums/" + name).whenReady());
    var changes = new LinkedBlockingQueue<EntryChange>();
    theirs.onEntries(changes::add);
    await(mine.setEntries(List.of("a", "b")));
    await(mine.addEntry("c", 0));
    await(mine.removeEntry("b"));
    assertEquals(List.of("c", "a"), mine.getEntries());
    var said = new ArrayList<EntryChange>();
    for (int i = 0; i < 6; i++) {
      said.add(next(changes));
    }
    assertEquals(
        List.of(
            new EntryChange.Added("a", 0),
            new EntryChange.Added("b", 1),
            new EntryChange.Added("c", 0),
            new EntryChange.Moved("a", 1),
            new EntryChange.Moved("b", 2),
            new EntryChange.Removed("b", 2)),
        said);
    Eventually.holds(() -> theirs.getEntries().equals(List.of("c", "a")));
  }

  @Test
  void anAnonymousRecordKeepsItsListeners() throws Exception {
    await(one.records().setData(name, Map.of("n", "first")));
    await(one.records().setData(name + "b", Map.of("n", "second")));
    var told = new LinkedBlockingQueue<String>();
    try (AnonymousRecord anonymous = one.records().getAnonymousRecord()) {
      Registration registration = anonymous.subscribe("n", String.class, told::add);
      await(anonymous.setName(name));
      assertEquals("first", next(told));
      await(anonymous.setName(name + "b"));
      assertEquals("second", next(told));
      await(anonymous.set("n", "third"));
      assertEquals("third", next(told));
      registration.close();
      assertEquals(name + "b", anonymous.name());
    }
    assertEquals(Map.of("n", "third"), await(other.records().snapshot(name + "b")));
  }

  @Test
  void providersAreAskedAndTold() throws Exception {
    var asked = new LinkedBlockingQueue<String>();
    var stopped = new LinkedBlockingQueue<String>();
    await(
        one.records()
            .listen(
                "^" + name + "/.*",
                (ListenRequest request) -> {
                  asked.add(request.name());
                  request.onStop(() -> stopped.add(request.name()));
                  request.accept();
                }));
    LiveRecord wanted = ready(other, name + "/x");
    assertEquals(name + "/x", next(asked));
    Eventually.holds(wanted::hasProvider);
    wanted.discard();
    assertEquals(name + "/x", next(stopped));
    await(one.records().unlisten("^" + name + "/.*"));
    ready(other, name + "/y");
    assertTrue(asked.isEmpty());
  }

  @Test
  void documentsAndRecordsAreOne() throws Exception {
    LiveRecord record = ready(one, name);
    String id = name.substring(name.indexOf('/') + 1);
    await(record.set(Map.of("a", 1)));
    assertEquals(1, await(other.sync().get("driver", id)).revision());
    await(other.sync().merge("driver", id, Map.of("b", 2)));
    Eventually.holds(() -> record.version() == 2);
    assertEquals(Map.of("a", 1L, "b", 2L), record.get());
  }
}
