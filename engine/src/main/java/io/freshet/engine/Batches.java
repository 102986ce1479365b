// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.command.Command;
import io.freshet.engine.decide.Circumstances;
import io.freshet.engine.decide.Decider;
import io.freshet.engine.decide.Decision;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Outcome;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.LogId;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.RequestKey;
import io.freshet.spi.Store;
import io.freshet.spi.Write;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Decides commands that write several documents, all or none: in one step, once all of them are
/// loaded and nothing waits before it at any of them. Its writes go into one commit of the store.
final class Batches {
  private final Store store;
  private final Slots slots;
  private final Decider decider;
  private final Writes writes;
  private final Guarding guarding;
  private final Outbox outbox;
  private final Chains chains;
  private final Repeats repeats;
  private final RandomGenerator random;
  private final int itemsMax;

  /// What it is made of.
  record Parts(
      Store store,
      Slots slots,
      Decider decider,
      Writes writes,
      Guarding guarding,
      Outbox outbox,
      Chains chains,
      Repeats repeats) {}

  /// @param itemsMax most writes in one commit
  Batches(Parts parts, RandomGenerator random, int itemsMax) {
    this.store = parts.store;
    this.slots = parts.slots;
    this.decider = parts.decider;
    this.writes = parts.writes;
    this.guarding = parts.guarding;
    this.outbox = parts.outbox;
    this.chains = parts.chains;
    this.repeats = parts.repeats;
    this.random = random;
    this.itemsMax = itemsMax;
  }

  void batch(Command.Batch command) {
    Outcome.Batched refusal = refusal(command);
    if (refusal != null) {
      outbox.answer(command.replyTo(), refusal);
      return;
    }
    RequestKey request = command.request();
    if (request == null) {
      new Group(command).enter();
    } else if (repeats.isFirst(request, command.replyTo())) {
      new Group(command).recall(request);
    }
  }

  private Outcome.@Nullable Batched refusal(Command.Batch command) {
    List<Command.Batch.Item> items = command.items();
    if (items.isEmpty() || items.size() > itemsMax) {
      return refused(items, 0, "A batch has 1 to " + itemsMax + " documents");
    }
    LogId log = store.logOf(items.getFirst().key().collection());
    var seen = new HashSet<DocumentKey>();
    for (int i = 0; i < items.size(); i++) {
      DocumentKey key = items.get(i).key();
      if (!seen.add(key)) {
        return refused(items, i, "A batch names each document once");
      }
      if (!store.logOf(key.collection()).equals(log)) {
        return refused(
            items, i, "All collections of a batch must have the same durability and source");
      }
    }
    return null;
  }

  private static Outcome.Batched refused(
      List<Command.Batch.Item> items, int failed, String message) {
    var outcomes = new ArrayList<Outcome>(items.size());
    for (Command.Batch.Item item : items) {
      outcomes.add(
          new Outcome.Rejected(ErrorCode.INVALID_ARGUMENT, message, Document.missing(item.key())));
    }
    return new Outcome.Batched(outcomes, failed);
  }

  /// What the changes of one batch share. Not secret, and the same with the same random numbers.
  private String newId() {
    return Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
  }

  private final class Group extends Undertaking {
    private final Command.Batch command;
    private final String id = newId();
    private final List<Slot> documents = new ArrayList<>();
    private final List<Command.Revise> items = new ArrayList<>();

    /// In the chains; of one attempt.
    private List<Slot.Entry> entries = List.of();

    /// How many of them have not left their chains yet.
    private int outstanding;

    /// By place; null for one that had nothing to do, or stands in a chain.
    private final @Nullable Outcome[] outcomes;

    /// Place of the item that decides the whole; -1 while all is well.
    private int failed = -1;

    private Map<DocumentKey, Document> loaded = Map.of();
    private int rounds;
    private int attempts;

    /// What the store remembers of it; empty when it is new.
    private List<Change> known = List.of();

    Group(Command.Batch command) {
      super(slots.nextOrder());
      this.command = command;
      this.outcomes = new @Nullable Outcome[command.items().size()];
      for (Command.Batch.Item item : command.items()) {
        documents.add(slots.use(item.key()));
        items.add(new Command.Revise(command.replyTo(), item.key(), item.revision(), item.terms()));
      }
    }

    void recall(RequestKey request) {
      repeats.recall(
          request,
          this,
          documents,
          slots,
          changes -> {
            known = changes;
            enter();
          },
          this::failed);
    }

    void enter() {
      if (documents.stream().allMatch(Slot::isReady)) {
        run();
        return;
      }
      documents.forEach(slot -> slot.joinLine(this));
      for (Slot slot : documents) {
        if (slot.committed == null) {
          slots.request(slot);
        }
      }
      documents.forEach(slots::advance);
    }

    @Override
    boolean isDue() {
      return !busy
          && documents.stream().allMatch(slot -> slot.committed != null && slot.isFirst(this));
    }

    @Override
    void leave(Slot slot) {
      documents.forEach(each -> each.leaveLine(this));
    }

    @Override
    void run() {
      Slot missing = missing();
      if (missing != null) {
        Outcome.Rejected failure = writes.loadFailure(missing);
        refuse(documents.indexOf(missing), failure.code(), failure.message());
      } else if (!known.isEmpty()) {
        answerAsBefore();
      } else {
        decide();
      }
      documents.forEach(slots::advance);
    }

    private @Nullable Slot missing() {
      for (Slot slot : documents) {
        if (slot.committed == null) {
          return slot;
        }
      }
      return null;
    }

    private void decide() {
      documents.forEach(slot -> writes.expireFirst(slot, order));
      Circumstances circumstances =
          writes.circumstances(command.replyTo().session().principal(), loaded);
      var decisions = new ArrayList<Decision>(items.size());
      var needs = new ArrayList<DocumentKey>(0);
      for (int i = 0; i < items.size(); i++) {
        Decision decision = decider.decide(items.get(i), documents.get(i).base(), circumstances);
        if (decision instanceof Decision.Needs(List<DocumentKey> keys)) {
          needs.addAll(keys);
        }
        decisions.add(decision);
      }
      if (needs.isEmpty()) {
        settle(decisions);
      } else {
        load(needs);
      }
    }

    private void load(List<DocumentKey> keys) {
      if (rounds++ == Guarding.ROUNDS_MAX) {
        var refused = new Decision.Rejected(ErrorCode.PERMISSION_ERROR, Guarding.TOO_MANY_ROUNDS);
        settle(items.stream().map(item -> (Decision) refused).toList());
        return;
      }
      if (rounds == 1) {
        loaded = new HashMap<>();
      }
      busy = true;
      documents.forEach(slot -> slot.joinLine(this));
      guarding.load(
          keys,
          loaded,
          () -> {
            busy = false;
            documents.forEach(slots::advance);
          });
    }

    private void settle(List<Decision> decisions) {
      for (int i = 0; i < decisions.size() && failed < 0; i++) {
        failed = decisions.get(i) instanceof Decision.Rejected ? i : -1;
      }
      var made = new ArrayList<Slot.Entry>();
      for (int i = 0; i < decisions.size(); i++) {
        Slot slot = documents.get(i);
        Decision decision = failed < 0 ? together(decisions.get(i)) : refused(decisions, i);
        if (decision instanceof Decision.Rejected(ErrorCode code, String message)) {
          outcomes[i] = Writes.rejected(slot, code, message);
        }
        if (decision instanceof Decision.Accepted || slot.hasChain()) {
          made.add(new Slot.Entry(slot, items.get(i), decision, this, i));
        }
      }
      entries = made;
      outstanding = made.size();
      made.forEach(chains::append);
      answerIfDone();
    }

    private Decision together(Decision decision) {
      return decision instanceof Decision.Accepted(Write write)
          ? new Decision.Accepted(
              new Write(
                  write.operation(),
                  write.before(),
                  write.after(),
                  write.operations(),
                  write.actor(),
                  id,
                  command.request()))
          : decision;
    }

    /// What was in order fails with the first that was not.
    private Decision refused(List<Decision> decisions, int place) {
      if (decisions.get(place) instanceof Decision.Rejected own) {
        return own;
      }
      if (decisions.get(failed) instanceof Decision.Rejected(ErrorCode code, String message)) {
        return new Decision.Rejected(
            code, "Nothing was done because of item " + failed + " of the batch: " + message);
      }
      throw new IllegalStateException("item " + failed + " was not refused");
    }

    @Override
    void committed(Slot.Entry entry, Change change) {
      outcomes[entry.place] = new Outcome.Committed(change);
      outstanding--;
      answerIfDone();
    }

    /// Refusals tell the state of this moment: the one they depend on.
    @Override
    void surfaced(Slot.Entry entry) {
      if (outcomes[entry.place] instanceof Outcome.Rejected(var code, var message, var current)) {
        outcomes[entry.place] = Writes.rejected(entry.slot, code, message);
      }
      outstanding--;
      answerIfDone();
    }

    private void answerIfDone() {
      if (outstanding == 0) {
        var all = new ArrayList<Outcome>(outcomes.length);
        for (int i = 0; i < outcomes.length; i++) {
          Outcome outcome = outcomes[i];
          all.add(outcome != null ? outcome : Writes.state(documents.get(i)));
        }
        answer(new Outcome.Batched(all, failed));
      }
    }

    /// What had nothing to do then has no change now either.
    private void answerAsBefore() {
      for (int i = 0; i < outcomes.length; i++) {
        DocumentKey key = items.get(i).key();
        outcomes[i] =
            known.stream()
                .filter(change -> change.key().equals(key))
                .findFirst()
                .map(Outcome.Committed::new)
                .orElse(null);
      }
      answerIfDone();
    }

    @Override
    void again() {
      entries = List.of();
      outstanding = 0;
      failed = -1;
      java.util.Arrays.fill(outcomes, null);
      loaded = Map.of();
      rounds = 0;
      if (attempts++ == ATTEMPTS_MAX) {
        settle(items.stream().map(item -> (Decision) Writes.OVERTAKEN).toList());
      } else {
        enter();
      }
    }

    @Override
    void failed(FreshetException failure) {
      refuse(0, failure.code(), String.valueOf(failure.getMessage()));
    }

    private void refuse(int place, ErrorCode code, String message) {
      failed = place;
      for (int i = 0; i < outcomes.length; i++) {
        outcomes[i] = Writes.rejected(documents.get(i), code, message);
      }
      outstanding = 0;
      answerIfDone();
    }

    @Override
    List<Slot.Entry> entries() {
      return entries;
    }

    private void answer(Outcome.Batched outcome) {
      outbox.answer(command.replyTo(), outcome);
      RequestKey request = command.request();
      if (request != null) {
        repeats.finished(request, outcome);
      }
    }
  }
}
