// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.EngineHarness.Client;
import io.freshet.engine.EngineHarness.Reply;
import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Ended;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.GuardRequest;
import io.freshet.engine.guard.Subject;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.testkit.FaultyStore;
import io.freshet.testkit.MemoryStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// New rules: everything open is asked about again, bit by bit, while others are served. What is
/// not allowed any more ends with a notice, once; what is allowed goes on.
class RenewedRulesTest {
  private static final int NAMES = 100;
  private static final DocumentKey OTHER = DocumentKey.ofRecordName("other/a");

  /// As the engine has it.
  private static final int SLICE = 256;

  private final FaultyStore store = new FaultyStore(new MemoryStore(InstantSource.system()));
  private final EngineHarness harness =
      new EngineHarness(store, this::check, EngineHarness.OPTIONS);
  private final Client bystander = harness.client("bystander");

  /// What a user has open; the bystander has nothing.
  private record Thing(int user, String name) {}

  /// What the rules say of it.
  private interface Rules {
    GuardAnswer say(Thing thing, GuardRequest request);
  }

  private Rules rules = (_, _) -> GuardAnswer.Allow.ALLOW;
  private int asked;

  /// What the guard has said no to.
  private final Set<Thing> denied = new HashSet<>();

  private GuardAnswer check(GuardRequest request) {
    if (request.principal().id().equals("bystander")) {
      return GuardAnswer.Allow.ALLOW;
    }
    asked++;
    String name =
        switch (request.subject()) {
          case Subject.OfDocument(Document before, Document _) -> before.key().recordName();
          case Subject.OfName(String event, var _) -> event;
          case Subject.OfStream(String collection, var _) -> collection;
        };
    var thing = new Thing(Integer.parseInt(request.principal().id()), name);
    GuardAnswer answer = rules.say(thing, request);
    if (answer == GuardAnswer.Deny.DENY) {
      denied.add(thing);
    }
    return answer;
  }

  /// Denies what is said, and allows the rest.
  private interface Denied {
    boolean holds(Thing thing);
  }

  private static Rules denying(Denied denied) {
    return (thing, _) -> denied.holds(thing) ? GuardAnswer.Deny.DENY : GuardAnswer.Allow.ALLOW;
  }

  /// A third of it all.
  private static boolean third(Thing thing) {
    return (thing.user + thing.name.hashCode()) % 3 == 0;
  }

  private static boolean fifth(Thing thing) {
    return (thing.user + thing.name.hashCode()) % 5 == 0;
  }

  /// Each user has open half the names as records and half as events.
  private List<Client> users(int count) {
    bystander.replace(OTHER, "{}", -1, true);
    var clients = new ArrayList<Client>();
    var records = new ArrayList<DocumentKey>();
    var events = new ArrayList<String>();
    for (int i = 0; i < NAMES / 2; i++) {
      records.add(DocumentKey.ofRecordName("doc/" + i));
      events.add("event/" + i);
    }
    for (int user = 0; user < count; user++) {
      Client client = harness.client(Integer.toString(user));
      clients.add(client);
      client.watch(true, records.toArray(DocumentKey[]::new));
      harness.submit(new Command.Subscribe(new Reply(client), events));
      harness.settle();
    }
    harness.loop.take();
    asked = 0;
    return clients;
  }

  private CompletableFuture<Integer> renew(Rules next) {
    return harness.engine.renewRules(() -> rules = next).toCompletableFuture();
  }

  private static Set<Thing> all(int users, Denied which) {
    var all = new HashSet<Thing>();
    for (int user = 0; user < users; user++) {
      for (int i = 0; i < NAMES / 2; i++) {
        for (String kind : List.of("doc/", "event/")) {
          var thing = new Thing(user, kind + i);
          if (which.holds(thing)) {
            all.add(thing);
          }
        }
      }
    }
    return all;
  }

  private static Set<Thing> union(Set<Thing> some, Set<Thing> others) {
    var all = new HashSet<>(some);
    all.addAll(others);
    return all;
  }

  /// As [org.junit.jupiter.api.Assertions#assertEquals], of very many.
  private static void assertSame(Set<Thing> expected, Set<Thing> actual) {
    List<Thing> missing = expected.stream().filter(each -> !actual.contains(each)).toList();
    List<Thing> extra = actual.stream().filter(each -> !expected.contains(each)).toList();
    assertTrue(
        missing.isEmpty() && extra.isEmpty(),
        () -> "%d missing, %d too many".formatted(missing.size(), extra.size()));
  }

  /// What the notices that have come say has ended; nothing may end twice.
  private Set<Thing> ended() {
    var ended = new HashSet<Thing>();
    for (FeedItem item : harness.loop.take()) {
      if (item instanceof FeedItem.NoMore(var session, Ended what, ErrorCode code, var _)) {
        assertEquals(ErrorCode.FORBIDDEN, code);
        String name =
            switch (what) {
              case Ended.Watch(DocumentKey key) -> key.recordName();
              case Ended.Event(String event) -> event;
              case Ended other -> throw new AssertionError(other);
            };
        var thing = new Thing(Integer.parseInt(session.principal().id()), name);
        assertTrue(ended.add(thing), () -> thing + " ended twice");
      }
    }
    return ended;
  }

  @Test
  void aHundredThousandAreAskedAboutWhileOthersAreServed() {
    users(1000);
    CompletableFuture<Integer> done = renew(denying(RenewedRulesTest::third));
    int turns = 0;
    while (!done.isDone()) {
      int before = asked;
      Reply reply = bystander.read(OTHER);
      harness.engine.turn();
      assertInstanceOf(Outcome.State.class, reply.outcome(), "answered in the very turn");
      assertTrue(asked - before <= SLICE, "no turn takes more than a slice");
      turns++;
    }
    assertTrue(turns >= 1000 * NAMES / SLICE, turns + " turns");
    assertEquals(1000 * NAMES, asked);
    Set<Thing> denied = all(1000, RenewedRulesTest::third);
    assertEquals(denied.size(), done.join());
    assertSame(denied, ended());
    // What was allowed was there all the time: it ends now.
    CompletableFuture<Integer> rest = renew(denying(_ -> true));
    harness.settle();
    assertEquals(1000 * NAMES - denied.size(), rest.join());
    assertSame(all(1000, thing -> !third(thing)), ended());
  }

  @Test
  void rulesRenewedDuringAWalkBeginANewOne() {
    users(200);
    CompletableFuture<Integer> first = renew(denying(RenewedRulesTest::third));
    for (int i = 0; i < 10; i++) {
      harness.engine.turn();
    }
    assertFalse(first.isDone());
    var ofFirst = new HashSet<Thing>();
    CompletableFuture<Integer> second =
        harness
            .engine
            .renewRules(() -> {
              ofFirst.addAll(denied);
              rules = denying(RenewedRulesTest::fifth);
            })
            .toCompletableFuture();
    harness.settle();
    assertFalse(ofFirst.isEmpty());
    assertTrue(ofFirst.size() < all(200, RenewedRulesTest::third).size());
    Set<Thing> ofSecond = all(200, RenewedRulesTest::fifth);
    ofSecond.removeAll(ofFirst);
    assertEquals(ofSecond.size(), second.join());
    Set<Thing> ended = ended();
    assertSame(union(ofFirst, ofSecond), ended);
    assertTrue(first.isDone(), "whoever waits for the first learns that newer ones are in effect");
    CompletableFuture<Integer> rest = renew(denying(_ -> true));
    harness.settle();
    Set<Thing> left = all(200, thing -> !ended.contains(thing));
    assertEquals(left.size(), rest.join());
    assertSame(left, ended());
  }

  @Test
  void whatComesAndGoesDuringAWalkIsJudgedOnce() {
    List<Client> users = users(200);
    CompletableFuture<Integer> done = renew(denying(RenewedRulesTest::third));
    harness.engine.turn();
    assertFalse(done.isDone());
    // The last of them have not been asked about yet: records come first.
    Client leaving = users.get(100);
    leaving.leave();
    leaving.unwatch(
        all(200, thing -> thing.user == 100 && thing.name.startsWith("doc/")).stream()
            .map(thing -> DocumentKey.ofRecordName(thing.name))
            .toArray(DocumentKey[]::new));
    Client late = harness.client("300");
    Reply watch =
        late.watch(
            true,
            DocumentKey.ofRecordName("doc/1"),
            DocumentKey.ofRecordName("doc/2"),
            DocumentKey.ofRecordName("doc/3"));
    Set<Thing> early = ended();
    harness.settle();
    Set<Thing> ended = ended();
    ended.addAll(early);
    Set<Thing> others = all(200, thing -> third(thing) && thing.user != 100);
    assertTrue(ended.containsAll(others));
    ended.removeAll(others);
    assertTrue(
        ended.stream().allMatch(thing -> thing.user == 100 && early.contains(thing)),
        () -> "ended though it was gone, or not open before: " + ended);
    List<Outcome.Watched> watched = watch.as(Outcome.Watching.class).documents();
    for (int i = 1; i <= 3; i++) {
      Class<?> expected =
          third(new Thing(300, "doc/" + i))
              ? Outcome.Watched.Refused.class
              : Outcome.Watched.Snapshot.class;
      assertInstanceOf(expected, watched.get(i - 1));
    }
  }

  /// The walk pauses while many wait; nobody else does.
  @Test
  void rulesThatLookAtOtherDocumentsAreWaitedFor() {
    users(50);
    store.holdLoads();
    DocumentKey far = DocumentKey.ofRecordName("rules/far");
    CompletableFuture<Integer> done =
        renew((thing, request) -> {
          if (!request.loaded().containsKey(far)) {
            return new GuardAnswer.Needs(List.of(far));
          }
          return third(thing) ? GuardAnswer.Deny.DENY : GuardAnswer.Allow.ALLOW;
        });
    harness.settle();
    assertFalse(done.isDone());
    assertEquals(SLICE, asked, "so many wait at a time");
    Reply reply = bystander.read(OTHER);
    harness.settle();
    assertInstanceOf(Outcome.State.class, reply.outcome());
    assertEquals(Set.of(), ended());
    store.releaseLoads();
    harness.settle();
    Set<Thing> denied = all(50, RenewedRulesTest::third);
    assertEquals(denied.size(), done.join());
    assertSame(denied, ended());
  }
}
