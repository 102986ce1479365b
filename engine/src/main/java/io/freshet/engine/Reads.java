// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.command.Command;
import io.freshet.engine.decide.Decider;
import io.freshet.engine.decide.Decision;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.guard.GuardAction;
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
  private final Watches watches;
  private final Outbox outbox;
  private final Consumer<Runnable> onEngineThread;

  /// @param onEngineThread runs a task in a later turn; called from any thread
  Reads(
      Store store,
      Slots slots,
      Guarding guarding,
      Watches watches,
      Outbox outbox,
      Consumer<Runnable> onEngineThread) {
    this.store = store;
    this.slots = slots;
    this.guarding = guarding;
    this.watches = watches;
    this.outbox = outbox;
    this.onEngineThread = onEngineThread;
  }

  void read(Command.Read command) {
    Slot slot = slots.use(command.key());
    slots.whenLoaded(slot, () -> read(command, slot, new HashMap<>(), 0));
  }

  private void read(
      Command.Read command, Slot slot, Map<DocumentKey, Document> loaded, int rounds) {
    Document document = slot.committed;
    if (document == null) {
      FreshetException failure = slots.loadFailure();
      outbox.answer(
          command.replyTo(),
          new Outcome.Rejected(
              failure == null ? ErrorCode.UNAVAILABLE : failure.code(),
              failure == null ? "Could not be loaded" : String.valueOf(failure.getMessage()),
              Document.missing(slot.key)));
      return;
    }
    var check = guarding.check(command.replyTo().session().principal(), loaded);
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

  /// Reads watched documents from the store again and sends watchers what differs. What nobody
  /// watches is merely forgotten.
  void refresh(Command.Refresh command) {
    var watched = new ArrayList<Slot>();
    for (DocumentKey key : command.keys()) {
      Slot slot = slots.existing(key);
      if (slot != null && !slot.watchers.isEmpty()) {
        watched.add(slot);
      } else if (slot != null && slot.isIdle()) {
        slots.forget(slot);
        slots.released(slot);
      }
    }
    if (watched.isEmpty()) {
      outbox.answer(command.replyTo(), Outcome.Done.DONE);
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
              outbox.answer(command.replyTo(), Outcome.Done.DONE);
            }));
  }

  /// With writes on their way the feed will tell; otherwise a difference is somebody's change that
  /// never went through a log.
  private void refreshed(Slot slot, Document document) {
    if (slot.hasChain() || slot.committed == null || document.equals(slot.committed)) {
      return;
    }
    slots.set(slot, document);
    slot.watchers.forEachOutlet(outlet -> outbox.add(outlet, new FeedItem.Refreshed(document)));
    if (!document.isRecord()) {
      watches.dropAll(slot);
    }
  }
}
