// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.command.Command;
import io.freshet.engine.decide.Decider;
import io.freshet.engine.decide.Decision;
import io.freshet.engine.decide.Expiry;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.guard.Face;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.Subject;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.Store;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Reads of committed state, and reads again of what was changed behind the logs.
final class Reads {
  private final Store store;
  private final Slots slots;
  private final Guarding guarding;
  private final Writes writes;
  private final Watches watches;
  private final Outbox outbox;
  private final Consumer<Runnable> onEngineThread;

  /// @param onEngineThread runs a task in a later turn; called from any thread
  Reads(
      Store store,
      Slots slots,
      Guarding guarding,
      Writes writes,
      Watches watches,
      Outbox outbox,
      Consumer<Runnable> onEngineThread) {
    this.store = store;
    this.slots = slots;
    this.guarding = guarding;
    this.writes = writes;
    this.watches = watches;
    this.outbox = outbox;
    this.onEngineThread = onEngineThread;
  }

  void read(Command.Read command) {
    Slot slot = slots.use(command.key());
    slots.whenLoaded(slot, () -> expireAndRead(command, slot));
  }

  /// A document whose time is over is deleted first, so that what is read stands in the log. If
  /// that fails it reads as deleted all the same.
  private void expireAndRead(Command.Read command, Slot slot) {
    Document document = slot.committed;
    if (document == null || !document.isExpired(guarding.nowMs())) {
      read(command, slot, new HashMap<>(), 0);
      return;
    }
    slot.pins++;
    writes.expire(
        slot,
        outcome -> {
          slot.pins--;
          read(command, slot, new HashMap<>(), 0);
        });
  }

  private void read(
      Command.Read command, Slot slot, Map<DocumentKey, Document> loaded, int rounds) {
    Document committed = slot.committed;
    if (committed == null) {
      FreshetException failure = slots.loadFailure();
      outbox.answer(
          command.replyTo(),
          new Outcome.Rejected(
              failure == null ? ErrorCode.UNAVAILABLE : failure.code(),
              failure == null ? "Could not be loaded" : String.valueOf(failure.getMessage()),
              Document.missing(slot.key)));
      return;
    }
    Document document = Expiry.asOf(committed, guarding.nowMs());
    var check = guarding.check(command.replyTo().session().principal(), command.face(), loaded);
    Decision refusal = Decider.of(check.ask(GuardAction.READ, document, document));
    switch (refusal) {
      case null -> outbox.answer(command.replyTo(), new Outcome.State(document));
      case Decision.Rejected(ErrorCode code, String message) ->
          outbox.answer(command.replyTo(), new Outcome.Rejected(code, message, document));
      case Decision.Needs(List<DocumentKey> keys) when rounds < Guarding.ROUNDS_MAX ->
          guarding.load(keys, loaded, () -> readAgain(command, slot, loaded, rounds + 1));
      case Decision.Needs needs ->
          outbox.answer(
              command.replyTo(),
              new Outcome.Rejected(ErrorCode.PERMISSION_ERROR, Guarding.TOO_MANY_ROUNDS, document));
      case Decision.Accepted accepted -> throw new IllegalStateException("a read is no write");
      case Decision.Suppressed suppressed -> throw new IllegalStateException("a read is no write");
    }
  }

  private void readAgain(
      Command.Read command, Slot slot, Map<DocumentKey, Document> loaded, int rounds) {
    slots.whenLoaded(slot, () -> read(command, slot, loaded, rounds));
  }

  /// Asks the guard for each name, and goes on with those it allows. If it refuses some, the answer
  /// says which.
  void refresh(Command.Refresh command) {
    askToRefresh(command, new HashMap<>(), 0);
  }

  private void askToRefresh(
      Command.Refresh command, Map<DocumentKey, Document> loaded, int rounds) {
    var check = guarding.check(command.replyTo().session().principal(), Face.RECORDS, loaded);
    var allowed = new ArrayList<DocumentKey>();
    var results = new ArrayList<Outcome.OfName>();
    var needs = new ArrayList<DocumentKey>(0);
    for (DocumentKey key : command.keys()) {
      var subject = new Subject.OfName(key.recordName(), null);
      switch (Decider.of(check.ask(GuardAction.NOTIFY, subject))) {
        case null -> {
          allowed.add(key);
          results.add(Outcome.Plain.CHANGED);
        }
        case Decision.Rejected(ErrorCode code, String message) ->
            results.add(new Outcome.Refused(code, message));
        case Decision.Needs(List<DocumentKey> keys) when rounds < Guarding.ROUNDS_MAX ->
            needs.addAll(keys);
        case Decision.Needs _ ->
            results.add(new Outcome.Refused(ErrorCode.PERMISSION_ERROR, Guarding.TOO_MANY_ROUNDS));
        case Decision.Accepted _, Decision.Suppressed _ ->
            throw new IllegalStateException("this is no write");
      }
    }
    if (!needs.isEmpty()) {
      guarding.load(needs, loaded, () -> askToRefresh(command, loaded, rounds + 1));
      return;
    }
    boolean all = allowed.size() == results.size();
    refresh(command, allowed, all ? Outcome.Done.DONE : new Outcome.PerName(results));
  }

  /// Reads watched documents from the store again and sends watchers what differs. What nobody
  /// watches is merely forgotten.
  private void refresh(Command.Refresh command, List<DocumentKey> allowed, Outcome answer) {
    var watched = new ArrayList<Slot>();
    for (DocumentKey key : allowed) {
      Slot slot = slots.existing(key);
      if (slot != null && !slot.watchers.isEmpty()) {
        watched.add(slot);
      } else if (slot != null && slot.isIdle()) {
        slots.forget(slot);
        slots.released(slot);
      }
    }
    if (watched.isEmpty()) {
      outbox.answer(command.replyTo(), answer);
      return;
    }
    List<DocumentKey> keys = watched.stream().map(slot -> slot.key).toList();
    var stage = store.load(keys).toCompletableFuture();
    var _ =
        stage.whenComplete((documents, failure) ->
            onEngineThread.accept(() -> {
              if (documents == null) {
                FreshetException typed = Slots.failureOf(stage);
                outbox.answer(
                    command.replyTo(),
                    new Outcome.Rejected(
                        typed.code(),
                        String.valueOf(typed.getMessage()),
                        Document.missing(keys.getFirst())));
                return;
              }
              for (int i = 0; i < watched.size(); i++) {
                refreshed(watched.get(i), documents.get(i));
              }
              outbox.answer(command.replyTo(), answer);
            }));
  }

  /// With writes on their way the feed will tell; otherwise a difference is somebody's change that
  /// never went through a log.
  private void refreshed(Slot slot, Document document) {
    if (slot.hasChain() || slot.committed == null || document.equals(slot.committed)) {
      return;
    }
    slots.set(slot, document);
    watches.judge(slot, document);
    slot.watchers.forEachOutlet(outlet -> outbox.add(outlet, new FeedItem.Refreshed(document)));
    if (!document.isRecord()) {
      watches.dropAll(slot);
    }
  }
}
