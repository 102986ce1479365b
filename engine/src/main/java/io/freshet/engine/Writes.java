// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.Revision;
import io.freshet.engine.command.Terms;
import io.freshet.engine.decide.Circumstances;
import io.freshet.engine.decide.Decider;
import io.freshet.engine.decide.Decision;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.guard.Face;
import io.freshet.engine.guard.Principal;
import io.freshet.engine.ingest.Sources;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.RequestKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Decides commands that write one document, against pending state.
final class Writes {
  static final Decision.Rejected OVERTAKEN =
      new Decision.Rejected(
          ErrorCode.REVISION_CONFLICT,
          "conflict: other writers were first " + Undertaking.ATTEMPTS_MAX + " times; try again");

  private final Slots slots;
  private final Decider decider;
  private final Sources sources;
  private final Guarding guarding;
  private final Outbox outbox;
  private final Chains chains;
  private final Repeats repeats;
  private final Disclosure disclosure;

  Writes(
      Slots slots,
      Decider decider,
      Sources sources,
      Guarding guarding,
      Outbox outbox,
      Chains chains,
      Repeats repeats,
      Disclosure disclosure) {
    this.slots = slots;
    this.decider = decider;
    this.sources = sources;
    this.guarding = guarding;
    this.outbox = outbox;
    this.chains = chains;
    this.repeats = repeats;
    this.disclosure = disclosure;
  }

  /// @param completion takes the outcome instead of the session; null for sessions' commands
  void write(Slot slot, Command.DocumentWrite command, Slot.@Nullable Completion completion) {
    var single = new Single(slots.nextOrder(), slot, command, completion);
    RequestKey request = single.request();
    if (request == null) {
      single.enter();
    } else if (repeats.isFirst(request, command.replyTo())) {
      single.recall(request);
    }
  }

  /// Writes down that the document's time is over, if it is. The outcome is `State` when it was
  /// not.
  void expire(Slot slot, Slot.Completion completion) {
    write(slot, expiry(slot.key), completion);
  }

  private static Command.Revise expiry(DocumentKey key) {
    return new Command.Revise(Nobody.REPLY_TO, key, Revision.Expire.EXPIRE, Terms.NONE);
  }

  /// Puts the expiry of the document, if it is due, in front of what is decided next.
  void expireFirst(Slot slot, long order) {
    Document base = slot.base();
    if (base.expiresAt() != 0 && base.isExpired(guarding.nowMs())) {
      new Single(order, slot, expiry(slot.key), outcome -> {}).decide();
    }
  }

  /// Rows are written in their database; that somebody looks at one is not written down there.
  static Decision readOnly(Command.DocumentWrite command) {
    return command instanceof Command.Open
        ? Decision.Suppressed.SUPPRESSED
        : new Decision.Rejected(
            ErrorCode.READ_ONLY,
            "The collection \""
                + command.key().collection()
                + "\" is a table of a database; write to the table, the change arrives here");
  }

  Circumstances circumstances(Principal principal, Face face, Map<DocumentKey, Document> loaded) {
    return new Circumstances(
        guarding.check(principal, face, loaded), principal.id(), guarding.nowMs());
  }

  /// Why the document of the task now running could not be loaded.
  Outcome.Rejected loadFailure(Slot slot) {
    FreshetException failure = slots.loadFailure();
    return failure == null
        ? rejected(slot, ErrorCode.UNAVAILABLE, "The document could not be loaded")
        : rejected(slot, failure);
  }

  static Outcome.Rejected rejected(Slot slot, FreshetException failure) {
    return rejected(slot, failure.code(), String.valueOf(failure.getMessage()));
  }

  static Outcome.Rejected rejected(Slot slot, ErrorCode code, String message) {
    Document current = slot.committed;
    return new Outcome.Rejected(
        code, message, current != null ? current : Document.missing(slot.key));
  }

  /// One command for one document.
  private final class Single extends Undertaking {
    private final Slot slot;
    private final Command.DocumentWrite command;

    /// Called instead of answering the session; for the engine's own commands.
    private final Slot.@Nullable Completion completion;

    private Map<DocumentKey, Document> loaded = Map.of();
    private int rounds;
    private int attempts;

    Single(
        long order,
        Slot slot,
        Command.DocumentWrite command,
        Slot.@Nullable Completion completion) {
      super(order);
      this.slot = slot;
      this.command = command;
      this.completion = completion;
    }

    @Nullable RequestKey request() {
      return command.request();
    }

    /// Goes on at once if the store knows of no earlier one; commands behind it wait until it has
    /// said so.
    void recall(RequestKey request) {
      repeats.recall(
          request,
          this,
          List.of(slot),
          slots,
          changes -> {
            if (changes.isEmpty()) {
              enter();
            } else {
              answer(new Outcome.Committed(changes.getFirst()));
            }
          },
          failure -> answer(rejected(slot, failure)));
    }

    void enter() {
      if (slot.isReady()) {
        run();
      } else {
        slots.await(slot, this);
      }
    }

    @Override
    void run() {
      if (slot.committed == null) {
        answer(loadFailure(slot));
      } else {
        if (!isExpiry()) {
          expireFirst(slot, order);
        }
        decide();
      }
    }

    private boolean isExpiry() {
      return command instanceof Command.Revise revise
          && revise.revision() instanceof Revision.Expire;
    }

    void decide() {
      Principal principal = command.replyTo().session().principal();
      Decision decision =
          sources.of(slot.key.collection()) == null
              ? decider.decide(
                  command, slot.base(), circumstances(principal, command.face(), loaded))
              : readOnly(command);
      switch (decision) {
        case Decision.Accepted _ -> chains.append(new Slot.Entry(slot, command, decision, this, 0));
        case Decision.Suppressed _, Decision.Rejected _ -> settle(decision);
        case Decision.Needs(List<DocumentKey> keys) -> load(keys);
      }
    }

    /// The document's line stops here until the guard has what it wants, so that commands behind
    /// this one are decided after it.
    private void load(List<DocumentKey> keys) {
      if (rounds++ == Guarding.ROUNDS_MAX) {
        settle(new Decision.Rejected(ErrorCode.PERMISSION_ERROR, Guarding.TOO_MANY_ROUNDS));
        return;
      }
      if (rounds == 1) {
        loaded = new HashMap<>();
      }
      busy = true;
      slots.await(slot, this);
      guarding.load(keys, loaded, this::goOn);
    }

    private void goOn() {
      busy = false;
      slots.advance(slot);
    }

    /// Answers now, or behind the writes on their way.
    private void settle(Decision decision) {
      var entry = new Slot.Entry(slot, command, decision, this, 0);
      if (slot.hasChain()) {
        chains.append(entry);
      } else {
        surfaced(entry, slot.base());
      }
    }

    @Override
    void surfaced(Slot.Entry entry, Document standing) {
      answer(
          entry.decision instanceof Decision.Rejected(ErrorCode code, String message)
              ? rejected(slot, code, message)
              : command instanceof Command.Revise
                  ? new Outcome.State(standing)
                  : Outcome.Done.DONE);
    }

    @Override
    void committed(Slot.Entry entry, Change change) {
      answer(new Outcome.Committed(change));
    }

    @Override
    void again() {
      loaded = Map.of();
      rounds = 0;
      if (attempts++ == ATTEMPTS_MAX) {
        settle(OVERTAKEN);
      } else {
        slots.await(slot, this);
      }
    }

    @Override
    void failed(FreshetException failure) {
      answer(rejected(slot, failure));
    }

    @Override
    List<Slot.Entry> entries() {
      return List.of();
    }

    private void answer(Outcome outcome) {
      if (completion != null) {
        completion.done(outcome);
        return;
      }
      Principal principal = command.replyTo().session().principal();
      disclosure.of(principal, command.face(), outcome, this::tell);
    }

    private void tell(Outcome outcome) {
      outbox.answer(command.replyTo(), outcome);
      RequestKey request = request();
      if (request != null) {
        repeats.finished(request, outcome);
      }
    }
  }
}
