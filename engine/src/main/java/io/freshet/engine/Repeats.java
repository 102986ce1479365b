// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.follow.Journal;
import io.freshet.protocol.Change;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.RequestKey;
import io.freshet.spi.Store;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// Recognises requests that are sent again. One that is still under way shares its outcome with its
/// repetition; one that was committed is known to the store and answered as the first time. What
/// was refused is not remembered: it is decided again.
final class Repeats {
  private final Store store;
  private final Outbox outbox;
  private final Journal journal;
  private final Consumer<Runnable> onEngineThread;

  /// Who repeated a request that is under way. Bounded by the commands under way.
  private final Map<RequestKey, List<ReplyTo>> underWay = new HashMap<>();

  /// @param onEngineThread runs a task in a later turn; called from any thread
  Repeats(Store store, Outbox outbox, Journal journal, Consumer<Runnable> onEngineThread) {
    this.store = store;
    this.outbox = outbox;
    this.journal = journal;
    this.onEngineThread = onEngineThread;
  }

  /// Notes the request as under way.
  ///
  /// @return false when it is so already: it will be answered with the first one
  boolean isFirst(RequestKey request, ReplyTo replyTo) {
    List<ReplyTo> repeaters = underWay.get(request);
    if (repeaters != null) {
      repeaters.add(replyTo);
      return false;
    }
    underWay.put(request, new ArrayList<>(0));
    return true;
  }

  /// The first one was answered.
  void finished(RequestKey request, Outcome outcome) {
    List<ReplyTo> repeaters = underWay.remove(request);
    if (repeaters != null) {
      repeaters.forEach(each -> outbox.answer(each, outcome));
    }
  }

  /// Asks the store what it has committed for the request. While it thinks about it, the
  /// undertaking keeps its place in the lines of its documents.
  ///
  /// @param known takes the changes, none when the request is new; no longer in any line
  void recall(
      RequestKey request,
      Undertaking undertaking,
      List<Slot> documents,
      Slots slots,
      Consumer<List<Change>> known,
      Consumer<FreshetException> failed) {
    CompletableFuture<List<Change>> stage = ask(request);
    Runnable goOn =
        () -> {
          if (stage.isCompletedExceptionally()) {
            failed.accept(Slots.failureOf(stage));
          } else {
            List<Change> changes = stage.join();
            journal.whenCovered(
                changes.stream().map(Change::position).toList(), () -> known.accept(changes));
          }
        };
    if (stage.isDone()) {
      goOn.run();
      return;
    }
    undertaking.busy = true;
    documents.forEach(slot -> slots.await(slot, undertaking));
    var _ =
        stage.whenComplete((changes, failure) ->
            onEngineThread.accept(() -> {
              if (undertaking.busy) {
                undertaking.busy = false;
                documents.forEach(slot -> slot.leaveLine(undertaking));
                goOn.run();
                documents.forEach(slots::advance);
              }
            }));
  }

  private CompletableFuture<List<Change>> ask(RequestKey request) {
    try {
      return store.outcome(request).toCompletableFuture();
    } catch (FreshetException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
