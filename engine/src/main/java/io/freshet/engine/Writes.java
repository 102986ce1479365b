// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.command.Command;
import io.freshet.engine.decide.Decider;
import io.freshet.engine.decide.Decision;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Outcome;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.CommitResult;
import io.freshet.spi.Write;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Decides write commands against pending state and keeps each document's chain of them until the
/// store has answered. Answers that depend on writes still on their way wait in the chain behind
/// them (design, invariants 5 and 6).
final class Writes {
  /// How often a command is decided again because somebody else was first.
  private static final int ATTEMPTS_MAX = 16;

  private final Slots slots;
  private final Decider decider;
  private final Guarding guarding;
  private final Outbox outbox;
  private Commits commits;

  Writes(Slots slots, Decider decider, Guarding guarding, Outbox outbox, CommitsFactory factory) {
    this.slots = slots;
    this.decider = decider;
    this.guarding = guarding;
    this.outbox = outbox;
    this.commits = factory.create(this);
  }

  /// Ties the knot: commits report back to the chains.
  interface CommitsFactory {
    Commits create(Writes writes);
  }

  Commits commits() {
    return commits;
  }

  /// @param completion takes the outcome instead of the session; null for sessions' commands
  void write(Slot slot, Command.DocumentWrite command, Slot.@Nullable Completion completion) {
    slots.whenReady(slot, () -> decide(slot, command, completion, Map.of(), 0, 0));
  }

  private void decide(
      Slot slot,
      Command.DocumentWrite command,
      Slot.@Nullable Completion completion,
      Map<DocumentKey, Document> loaded,
      int rounds,
      int attempts) {
    Document committed = slot.committed;
    if (committed == null) {
      answer(command, completion, loadFailure(slot));
      return;
    }
    Document before = slot.pending != null ? slot.pending : committed;
    var principal = command.replyTo().session().principal();
    Decision decision =
        decider.decide(command, before, guarding.check(principal, loaded), principal.id());
    switch (decision) {
      case Decision.Accepted(Write write) -> {
        var entry = new Slot.Entry(slot, command, completion, decision, attempts);
        slot.append(entry);
        slot.pending = write.after();
        commits.add(entry);
      }
      case Decision.Suppressed suppressed -> settle(slot, command, completion, decision, attempts);
      case Decision.Rejected rejected -> settle(slot, command, completion, decision, attempts);
      case Decision.Needs(List<DocumentKey> keys) ->
          await(slot, command, completion, loaded, rounds, keys);
    }
  }

  /// The document stays blocked until the guard has what it wants, so that commands behind this one
  /// are decided after it.
  private void await(
      Slot slot,
      Command.DocumentWrite command,
      Slot.@Nullable Completion completion,
      Map<DocumentKey, Document> loaded,
      int rounds,
      List<DocumentKey> keys) {
    if (rounds == Guarding.ROUNDS_MAX) {
      var refused = new Decision.Rejected(ErrorCode.PERMISSION_ERROR, Guarding.TOO_MANY_ROUNDS);
      settle(slot, command, completion, refused, 0);
      return;
    }
    slot.blocked = true;
    var more = new HashMap<>(loaded);
    guarding.load(
        keys,
        more,
        () -> {
          slot.blocked = false;
          decide(slot, command, completion, more, rounds + 1, 0);
          slots.runWaiting(slot);
        });
  }

  /// Answers now, or behind the writes on their way.
  private void settle(
      Slot slot,
      Command.DocumentWrite command,
      Slot.@Nullable Completion completion,
      Decision decision,
      int attempts) {
    var entry = new Slot.Entry(slot, command, completion, decision, attempts);
    if (slot.hasChain()) {
      slot.append(entry);
    } else {
      answerSettled(entry);
    }
  }

  private void answerSettled(Slot.Entry entry) {
    Outcome outcome =
        entry.decision instanceof Decision.Rejected(ErrorCode code, String message)
            ? rejected(entry.slot, code, message)
            : Outcome.Done.DONE;
    answer(entry.command, entry.completion, outcome);
  }

  private void answer(
      Command.DocumentWrite command, Slot.@Nullable Completion completion, Outcome outcome) {
    if (completion != null) {
      completion.done(outcome);
    } else {
      outbox.answer(command.replyTo(), outcome);
    }
  }

  private Outcome.Rejected loadFailure(Slot slot) {
    FreshetException failure = slots.loadFailure();
    return failure == null
        ? rejected(slot, ErrorCode.UNAVAILABLE, "The document could not be loaded")
        : rejected(slot, failure.code(), String.valueOf(failure.getMessage()));
  }

  private static Outcome.Rejected rejected(Slot slot, ErrorCode code, String message) {
    Document current = slot.committed;
    return new Outcome.Rejected(
        code, message, current != null ? current : Document.missing(slot.key));
  }

  /// The change of this entry is public: it leaves the chain with the answers that waited for it.
  void committed(Slot.Entry entry, Change change) {
    Slot slot = entry.slot;
    slot.removeHead();
    answer(entry.command, entry.completion, new Outcome.Committed(change));
    settleHead(slot);
  }

  private void settleHead(Slot slot) {
    while (slot.head != null && !(slot.head.decision instanceof Decision.Accepted)) {
      Slot.Entry settled = slot.removeHead();
      if (settled != null) {
        answerSettled(settled);
      }
    }
    dropOvertakenBase(slot);
  }

  /// Without writes on their way, committed state is what the next write is decided on, unless a
  /// conflict told of a state that the feed has not brought yet.
  void dropOvertakenBase(Slot slot) {
    Document committed = slot.committed;
    if (!slot.hasChain()
        && slot.pending != null
        && committed != null
        && committed.revision() >= slot.pending.revision()) {
      slot.pending = null;
    }
  }

  /// Another writer was first: everything from this entry on is decided again, in arrival order.
  void conflict(Slot.Entry entry, CommitResult.Conflict conflict) {
    Slot slot = entry.slot;
    Slot.Entry dropped = slot.cutFrom(entry);
    if (dropped == null) {
      return;
    }
    Document committed = slot.committed;
    Document current = conflict.current();
    boolean ahead = committed == null || current.revision() > committed.revision();
    slot.pending = ahead ? current : lastPending(slot);
    if (committed == null) {
      slots.set(slot, current);
    }
    for (Slot.Entry each = dropped; each != null; each = each.next) {
      each.cancelled = true;
    }
    for (Slot.Entry each = dropped; each != null; each = each.next) {
      again(each);
    }
  }

  private static @Nullable Document lastPending(Slot slot) {
    Document last = null;
    for (Slot.Entry each = slot.head; each != null; each = each.next) {
      if (each.decision instanceof Decision.Accepted(Write write)) {
        last = write.after();
      }
    }
    return last;
  }

  private void again(Slot.Entry entry) {
    if (entry.attempts == ATTEMPTS_MAX) {
      String message = "conflict: other writers were first " + ATTEMPTS_MAX + " times; try again";
      var refused = new Decision.Rejected(ErrorCode.REVISION_CONFLICT, message);
      settle(entry.slot, entry.command, entry.completion, refused, entry.attempts);
    } else {
      int attempts = entry.attempts + 1;
      decide(entry.slot, entry.command, entry.completion, Map.of(), 0, attempts);
    }
  }

  /// The store failed: the whole chain of each document in the batch is rejected, because later
  /// writes were decided on earlier ones.
  void failed(List<Slot.Entry> batch, FreshetException failure) {
    String message = String.valueOf(failure.getMessage());
    for (Slot.Entry entry : batch) {
      Slot slot = entry.slot;
      Slot.Entry dropped = slot.cutFrom(entry);
      if (dropped != null) {
        slot.pending = lastPending(slot);
        for (Slot.Entry each = dropped; each != null; each = each.next) {
          each.cancelled = true;
          answer(each.command, each.completion, rejected(slot, failure.code(), message));
        }
      }
    }
  }
}
