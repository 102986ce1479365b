// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Outcome.Watched;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.Subject;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.json.Json;
import io.freshet.testkit.FaultyStore;
import io.freshet.testkit.MemoryStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Every command and every subscription is guarded, per name, before anything is created.
class GuardTest {
  private static final DocumentKey OPEN = new DocumentKey("public", "a");
  private static final DocumentKey SHUT = new DocumentKey("private", "a");
  private static final DocumentKey RULES = new DocumentKey("rules", "private");

  private final FaultyStore store = new FaultyStore(new MemoryStore(InstantSource.system()));

  private EngineHarness harness(Guard guard) {
    return new EngineHarness(store, guard, EngineOptions.DEFAULT);
  }

  private static Guard denying(GuardAction denied) {
    return request ->
        request.key().collection().equals("private") && request.action() == denied
            ? GuardAnswer.Deny.DENY
            : GuardAnswer.Allow.ALLOW;
  }

  @Test
  void aDeniedWriteChangesNothing() {
    var harness = harness(denying(GuardAction.WRITE));
    var reply = harness.client("eve").replace(SHUT, "{}", -1, true);
    harness.settle();
    assertEquals(ErrorCode.FORBIDDEN, reply.as(Outcome.Rejected.class).code());
    assertEquals(Document.Life.MISSING, stored(SHUT).life());
  }

  private Document stored(DocumentKey key) {
    return store.load(List.of(key)).toCompletableFuture().join().getFirst();
  }

  @Test
  void subscribingIsJudgedPerName() {
    var harness = harness(denying(GuardAction.READ));
    var reply = harness.client("eve").watch(true, SHUT, OPEN);
    harness.settle();
    List<Watched> watched = reply.as(Outcome.Watching.class).documents();
    assertInstanceOf(Watched.Refused.class, watched.get(0));
    assertInstanceOf(Watched.Snapshot.class, watched.get(1));
  }

  @Test
  void nothingIsOpenedForSomebodyWhoMayNotRead() {
    var harness = harness(denying(GuardAction.READ));
    harness.client("eve").watch(true, SHUT);
    harness.settle();
    assertEquals(Document.Life.MISSING, stored(SHUT).life());
  }

  @Test
  void aDeniedWatcherReceivesNothing() {
    var harness = harness(denying(GuardAction.READ));
    harness.client("eve").watch(true, SHUT);
    harness.client("ada").replace(SHUT, "{\"secret\":1}", -1, true);
    harness.settle();
    assertTrue(harness.loop.publications().isEmpty());
  }

  @Test
  void creatingIsAskedBeforeWriting() {
    var asked = new ArrayList<GuardAction>();
    var harness =
        harness(request -> {
          asked.add(request.action());
          return GuardAnswer.Allow.ALLOW;
        });
    harness.client("ada").replace(OPEN, "{}", -1, true);
    harness.settle();
    harness.client("ada").replace(OPEN, "{\"a\":1}", -1, true);
    harness.settle();
    assertEquals(List.of(GuardAction.CREATE, GuardAction.WRITE, GuardAction.WRITE), asked);
  }

  @Test
  void aConflictTellsNothingToSomebodyWhoMayNotWrite() {
    var harness = harness(denying(GuardAction.WRITE));
    var reply = harness.client("eve").replace(SHUT, "{}", 99, true);
    harness.settle();
    assertEquals(ErrorCode.FORBIDDEN, reply.as(Outcome.Rejected.class).code());
  }

  @Test
  void whatTheRuleNeedsIsLoadedAndTheCommandDecidedAgain() {
    var harness =
        harness(request -> {
          if (!request.key().collection().equals("private")) {
            return GuardAnswer.Allow.ALLOW;
          }
          Document rules = request.loaded().get(RULES);
          if (rules == null) {
            return new GuardAnswer.Needs(List.of(RULES));
          }
          return rules.data().equals(Json.parse("{\"open\":true}"))
              ? GuardAnswer.Allow.ALLOW
              : GuardAnswer.Deny.DENY;
        });
    var client = harness.client("ada");
    var denied = client.replace(SHUT, "{}", -1, true);
    harness.settle();
    client.replace(RULES, "{\"open\":true}", -1, true);
    harness.settle();
    var allowed = client.replace(SHUT, "{}", -1, true);
    var read = client.read(SHUT);
    harness.settle();
    assertEquals(ErrorCode.FORBIDDEN, denied.as(Outcome.Rejected.class).code());
    assertEquals(1, allowed.revision());
    assertInstanceOf(Outcome.State.class, read.outcome());
  }

  @Test
  void commandsBehindOneThatWaitsForTheGuardKeepTheirOrder() {
    var harness =
        harness(request ->
            request.loaded().containsKey(RULES) || !request.principal().id().equals("slow")
                ? GuardAnswer.Allow.ALLOW
                : new GuardAnswer.Needs(List.of(RULES)));
    harness.client("ada").read(OPEN);
    harness.settle();
    store.holdLoads();
    var first = harness.client("slow").replace(OPEN, "{\"n\":1}", -1, true);
    var second = harness.client("ada").set(OPEN, "m", "2", -1);
    harness.settle();
    assertTrue(second.isOpen());
    store.releaseLoads();
    harness.settle();
    assertEquals(1, first.revision());
    assertEquals(2, second.revision());
  }

  @Test
  void aRuleThatNeverHasEnoughIsAnError() {
    var harness = harness(request -> new GuardAnswer.Needs(List.of(RULES)));
    var write = harness.client("ada").replace(OPEN, "{}", -1, true);
    var read = harness.client("ada").read(OPEN);
    var watch = harness.client("ada").watch(true, OPEN);
    harness.settle();
    assertEquals(ErrorCode.PERMISSION_ERROR, write.as(Outcome.Rejected.class).code());
    assertEquals(ErrorCode.PERMISSION_ERROR, read.as(Outcome.Rejected.class).code());
    assertInstanceOf(
        Watched.Refused.class, watch.as(Outcome.Watching.class).documents().getFirst());
  }

  @Test
  void notifyingIsJudgedPerName() {
    var harness =
        harness(request -> {
          var subject = (Subject.OfName) request.subject();
          if (!request.loaded().containsKey(RULES)) {
            return new GuardAnswer.Needs(List.of(RULES));
          }
          return request.action() == GuardAction.NOTIFY && "public/a".equals(subject.name())
              ? GuardAnswer.Allow.ALLOW
              : GuardAnswer.Deny.DENY;
        });
    var mixed = harness.client("ada").refresh(OPEN, SHUT);
    var allowed = harness.client("ada").refresh(OPEN);
    harness.settle();
    List<Outcome.OfName> results = mixed.as(Outcome.PerName.class).results();
    assertEquals(Outcome.Plain.CHANGED, results.getFirst());
    assertEquals(ErrorCode.FORBIDDEN, ((Outcome.Refused) results.getLast()).code());
    assertInstanceOf(Outcome.Done.class, allowed.outcome());
  }

  @Test
  void aDocumentThatCannotBeLoadedIsNotKnownToBeMissing() {
    var harness =
        harness(request ->
            request.loaded().containsKey(RULES) || !request.principal().id().equals("slow")
                ? GuardAnswer.Allow.ALLOW
                : new GuardAnswer.Needs(List.of(RULES)));
    harness.client("ada").read(OPEN);
    harness.settle();
    store.holdLoads();
    var reply = harness.client("slow").read(OPEN);
    harness.settle();
    while (reply.isOpen()) {
      store.heldLoads().getFirst().fail(ErrorCode.UNAVAILABLE);
      harness.settle();
    }
    assertEquals(ErrorCode.PERMISSION_ERROR, reply.as(Outcome.Rejected.class).code());
  }
}
