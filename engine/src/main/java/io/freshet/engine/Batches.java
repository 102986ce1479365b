// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.command.Command;
import io.freshet.engine.decide.Circumstances;
import io.freshet.engine.decide.Decider;
import io.freshet.engine.decide.Decision;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.guard.Face;
import io.freshet.engine.ingest.Sources;
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
import java.util.Arrays;
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
  private final Sources sources;
  private final Slots slots;
  private final Decider decider;
  private final Writes writes;
  private final Guarding guarding;
  private final Outbox outbox;
  private final Chains chains;
  private final Repeats repeats;
  private final Disclosure disclosure;
  private final RandomGenerator random;
  private final int itemsMax;

  /// What it is made of.
  record Parts(
      Store store,
      Sources sources,
      Slots slots,
      Decider decider,
      Writes writes,
      Guarding guarding,
      Outbox outbox,
      Chains chains,
      Repeats repeats,
      Disclosure disclosure) {}

  /// @param itemsMax most writes in one commit
  Batches(Parts parts, RandomGenerator random, int itemsMax) {
    this.store = parts.store;
    this.sources = parts.sources;
    this.slots = parts.slots;
    this.decider = parts.decider;
    this.writes = parts.writes;
    this.guarding = parts.guarding;
    this.outbox = parts.outbox;
    this.chains = parts.chains;
    this.repeats = parts.repeats;
    this.disclosure = parts.disclosure;
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

    /// Not to be lost until the batch is answered: one without a write stands in no chain.
    private final List<Slot> documents = new ArrayList<>();

    private final List<Command.Revise> items = new ArrayList<>();

    /// In the chains; of one attempt.
    private List<Slot.Entry> entries = List.of();

    /// How many of them have not left their chains yet.
    private int outstanding;

    /// By place; final when all entries have left their chains.
    private final Outcome[] outcomes;

    /// Place of the item that decides the whole; -1 while all is well.
    private int failed = -1;

    /// Whether it has to wait until nothing of its documents is on its way.
    private boolean alone;

    private Map<DocumentKey, Document> loaded = Map.of();
    private int rounds;
    private int attempts;

    /// What the store remembers of it; empty when it is new.
    private List<Change> known = List.of();

    Group(Command.Batch command) {
      super(slots.nextOrder());
      this.command = command;
      this.outcomes = new Outcome[command.items().size()];
      Arrays.fill(outcomes, Outcome.Done.DONE);
      for (Command.Batch.Item item : command.items()) {
        Slot slot = slots.use(item.key());
        slot.pins++;
        documents.add(slot);
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
      } else {
        await();
      }
    }

    private void await() {
      join();
      for (Slot slot : documents) {
        if (slot.committed == null) {
          slots.request(slot);
        }
      }
      documents.forEach(slots::advance);
    }

    @Override
    boolean isDue() {
      return !busy && documents.stream().allMatch(this::isDue);
    }

    private boolean isDue(Slot slot) {
      return slot.committed != null && slot.isFirst(this) && !(alone && slot.hasChain());
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
          writes.circumstances(command.replyTo().session().principal(), Face.DOCUMENTS, loaded);
      var decisions = new ArrayList<Decision>(items.size());
      var needs = new ArrayList<DocumentKey>(0);
      for (int i = 0; i < items.size(); i++) {
        Command.Revise item = items.get(i);
        Decision decision =
            sources.of(item.key().collection()) == null
                ? decider.decide(item, documents.get(i).base(), circumstances)
                : Writes.readOnly(item);
        if (decision instanceof Decision.Needs(List<DocumentKey> keys)) {
          needs.addAll(keys);
        }
        decisions.add(decision);
      }
      if (!needs.isEmpty()) {
        load(needs);
      } else if (isFinal(decisions)) {
        settle(decisions);
      } else {
        alone = true;
        join();
      }
    }

    /// That an item has nothing to do must not depend on a write on its way: the store does not
    /// check it together with the batch's own writes.
    private boolean isFinal(List<Decision> decisions) {
      if (decisions.stream().anyMatch(each -> each instanceof Decision.Rejected)) {
        return true;
      }
      for (int i = 0; i < decisions.size(); i++) {
        if (decisions.get(i) instanceof Decision.Suppressed && documents.get(i).hasChain()) {
          return false;
        }
      }
      return true;
    }

    private void join() {
      documents.forEach(slot -> slot.joinLine(this));
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
      join();
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
        outcomes[i] =
            decision instanceof Decision.Rejected(ErrorCode code, String message)
                ? Writes.rejected(slot, code, message)
                : new Outcome.State(slot.base());
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

    @Override
    void surfaced(Slot.Entry entry, Document standing) {
      outcomes[entry.place] =
          entry.decision instanceof Decision.Rejected(ErrorCode code, String message)
              ? Writes.rejected(entry.slot, code, message)
              : new Outcome.State(standing);
      outstanding--;
      answerIfDone();
    }

    private void answerIfDone() {
      if (outstanding == 0) {
        answer(new Outcome.Batched(List.of(outcomes), failed));
      }
    }

    /// What had nothing to do then has no change now either.
    private void answerAsBefore() {
      for (int i = 0; i < outcomes.length; i++) {
        outcomes[i] = asBefore(documents.get(i));
      }
      answerIfDone();
    }

    private Outcome asBefore(Slot slot) {
      for (Change change : known) {
        if (change.key().equals(slot.key)) {
          return new Outcome.Committed(change);
        }
      }
      Document committed = slot.committed;
      return new Outcome.State(committed != null ? committed : Document.missing(slot.key));
    }

    @Override
    void again() {
      entries = List.of();
      outstanding = 0;
      failed = -1;
      alone = false;
      loaded = Map.of();
      rounds = 0;
      if (attempts++ == ATTEMPTS_MAX) {
        settle(items.stream().map(item -> (Decision) Writes.OVERTAKEN).toList());
      } else {
        await();
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
      documents.forEach(slot -> slot.pins--);
      disclosure.all(
          command.replyTo().session().principal(),
          Face.DOCUMENTS,
          outcome.items(),
          items -> tell(new Outcome.Batched(items, outcome.failed())));
    }

    private void tell(Outcome.Batched outcome) {
      outbox.answer(command.replyTo(), outcome);
      RequestKey request = command.request();
      if (request != null) {
        repeats.finished(request, outcome);
      }
    }
  }
}
