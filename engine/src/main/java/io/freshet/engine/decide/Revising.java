// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.decide;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.Revision;
import io.freshet.engine.command.Terms;
import io.freshet.engine.command.Transformation;
import io.freshet.engine.guard.GuardAction;
import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.spi.Write;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Decides what the documents face wants (Sync contract, section 2). A document exists for that
/// face while it is live; one that was merely opened has not been written yet.
///
/// Checks stand in this order: guard, syntax, existence, revision, then what the change itself may
/// be refused for (a failed transformation, a type, the size).
///
/// The word "conflict" stands in every message of status 409 and in no other. Therefore the others
/// name no document: its id could contain the word.
final class Revising {
  /// Beyond it a JavaScript client cannot count.
  private static final long INTEGER_END = 1L << 53;

  private final JsonLimits limits;

  Revising(JsonLimits limits) {
    this.limits = limits;
  }

  Decision decide(Command.Revise command, Document before, Circumstances given) {
    if (command.revision() instanceof Revision.Expire) {
      return expire(before, given);
    }
    Terms terms = command.terms();
    Proposal proposal = propose(command.revision(), before, given.nowMs());
    boolean creates = !before.isLive() && mayCreate(command.revision(), terms);
    Decision refused = guardRefusal(command.revision(), creates, before, proposal, given.guard());
    if (refused == null) {
      refused = syntaxRefusal(command.revision(), terms);
    }
    if (refused == null) {
      refused = existence(command.revision(), creates, before);
    }
    if (refused == null) {
      refused = revisionRefusal(terms, before);
    }
    if (refused == null) {
      refused = proposal.failure != null ? proposal.failure : typeRefusal(command, before);
    }
    if (refused == null && bringsData(command.revision())) {
      refused = Decider.limitRefusal(proposal.after.data(), limits);
    }
    return refused != null
        ? refused
        : new Decision.Accepted(proposal.write(before, given.actor(), terms));
  }

  /// What time does by itself needs nobody's permission.
  private static Decision expire(Document before, Circumstances given) {
    return before.isExpired(given.nowMs())
        ? new Decision.Accepted(
            new Write(Operation.EXPIRE, before, Expiry.expired(before), null, given.actor()))
        : Decision.Suppressed.SUPPRESSED;
  }

  /// What would become of the document if nothing spoke against it.
  ///
  /// @param failure why that cannot be said; then `after` is the document as it is
  private record Proposal(
      Operation operation,
      Document after,
      @Nullable List<FieldOperation> operations,
      @Nullable Decision failure) {
    static Proposal of(Operation operation, Document after) {
      return new Proposal(operation, after, null, null);
    }

    Write write(Document before, String actor, Terms terms) {
      return new Write(operation, before, after, operations, actor, null, terms.request());
    }
  }

  private static boolean bringsData(Revision revision) {
    return switch (revision) {
      case Revision.Create _, Revision.Replace _, Revision.Transform _ -> true;
      case Revision.Delete _, Revision.Restore _, Revision.Touch _, Revision.Expire _ -> false;
    };
  }

  private Proposal propose(Revision revision, Document before, long nowMs) {
    boolean live = before.isLive();
    long expiresAt = live ? before.expiresAt() : 0;
    return switch (revision) {
      case Revision.Create(JsonObject data, long expires) ->
          Proposal.of(Operation.CREATE, Decider.written(before, data, expires));
      case Revision.Replace(JsonValue data) ->
          Proposal.of(
              live ? Operation.REPLACE : Operation.CREATE,
              Decider.written(before, data, expiresAt));
      case Revision.Transform(Operation operation, Transformation transformation) ->
          transformed(operation, transformation, before, nowMs);
      case Revision.Delete _, Revision.Expire _ ->
          Proposal.of(Operation.DELETE, Decider.tombstone(before, before.data()));
      case Revision.Restore _ -> Proposal.of(Operation.RESTORE, restored(before));
      case Revision.Touch(long expires) ->
          new Proposal(
              Operation.MUTATE, Decider.written(before, before.data(), expires), List.of(), null);
    };
  }

  /// A tombstone may hold data that the next life does not begin with.
  private Proposal transformed(
      Operation operation, Transformation transformation, Document before, long nowMs) {
    boolean live = before.isLive();
    if (live && before.data() instanceof JsonArray) {
      return new Proposal(operation, before, null, LIST);
    }
    JsonValue base = live ? before.data() : JsonObject.empty();
    try {
      Transformation.Transformed result = transformation.apply(base, limits, nowMs);
      return new Proposal(
          live ? operation : Operation.CREATE,
          Decider.written(before, result.after(), live ? before.expiresAt() : 0),
          live ? result.operations() : null,
          null);
    } catch (FreshetException e) {
      var failure = new Decision.Rejected(e.code(), Decider.message(e));
      return new Proposal(operation, before, null, failure);
    }
  }

  private static Document restored(Document before) {
    return new Document(
        before.key(),
        Life.LIVE,
        before.revision() + 1,
        before.data(),
        before.createdAt(),
        before.updatedAt(),
        0,
        before.updatedBy());
  }

  /// Whether a document that does not exist comes into being.
  private static boolean mayCreate(Revision revision, Terms terms) {
    return switch (revision) {
      case Revision.Create _, Revision.Restore _ -> true;
      case Revision.Replace _, Revision.Transform _ ->
          isZero(terms.expectedRevision()) || isZero(terms.ifMatch());
      case Revision.Delete _, Revision.Touch _, Revision.Expire _ -> false;
    };
  }

  private static boolean isZero(@Nullable Long revision) {
    return revision != null && revision == 0;
  }

  private static @Nullable Decision guardRefusal(
      Revision revision, boolean creates, Document before, Proposal proposal, GuardCheck guard) {
    Document after = proposal.after;
    Decision refused = creates ? Decider.of(guard.ask(GuardAction.CREATE, before, after)) : null;
    GuardAction action =
        revision instanceof Revision.Delete ? GuardAction.DELETE : GuardAction.WRITE;
    return refused != null ? refused : Decider.of(guard.ask(action, before, after));
  }

  private static @Nullable Decision syntaxRefusal(Revision revision, Terms terms) {
    if (!isRevision(terms.expectedRevision()) || !isRevision(terms.ifMatch())) {
      return new Decision.Rejected(
          ErrorCode.INVALID_ARGUMENT, "An expected revision is an integer from 0 to 2^53 - 1");
    }
    long expiresAt =
        switch (revision) {
          case Revision.Create(JsonObject data, long expires) -> expires;
          case Revision.Touch(long expires) -> expires;
          case Revision.Replace _,
              Revision.Transform _,
              Revision.Delete _,
              Revision.Restore _,
              Revision.Expire _ ->
              0;
        };
    return expiresAt >= 0 && expiresAt < INTEGER_END
        ? null
        : new Decision.Rejected(
            ErrorCode.INVALID_ARGUMENT, "expiresAt is a number of milliseconds since 1970");
  }

  private static boolean isRevision(@Nullable Long revision) {
    return revision == null || revision >= 0 && revision < INTEGER_END;
  }

  private static @Nullable Decision existence(Revision revision, boolean creates, Document before) {
    return switch (revision) {
      case Revision.Create _ -> before.isLive() ? exists(before) : null;
      case Revision.Restore _ ->
          before.isLive() ? exists(before) : isRestorable(before) ? null : absent(before);
      case Revision.Delete _ when !before.isLive() && before.revision() > 0 ->
          Decision.Suppressed.SUPPRESSED;
      case Revision.Delete _,
          Revision.Replace _,
          Revision.Transform _,
          Revision.Touch _,
          Revision.Expire _ ->
          before.isLive() || creates ? null : absent(before);
    };
  }

  private static Decision exists(Document before) {
    return new Decision.Rejected(
        ErrorCode.ALREADY_EXISTS,
        "conflict: document " + name(before) + " exists; it is at revision " + before.revision());
  }

  private static Decision absent(Document before) {
    return new Decision.Rejected(
        ErrorCode.NOT_FOUND,
        before.revision() == 0
            ? "There is no such document; create it first"
            : isRestorable(before)
                ? "The document is deleted; restore it, or create it anew"
                : "The document is deleted, and its data is gone; create it anew");
  }

  /// A record's deletion and a new opening drop the data.
  private static boolean isRestorable(Document before) {
    return before.life() == Life.TOMBSTONE && before.data().isContainer();
  }

  private static @Nullable Decision revisionRefusal(Terms terms, Document before) {
    Long expected = terms.expectedRevision();
    if (expected != null && !stands(before, expected)) {
      return new Decision.Rejected(
          ErrorCode.REVISION_CONFLICT,
          "conflict: expected revision "
              + expected
              + " but document "
              + name(before)
              + " is at revision "
              + before.revision());
    }
    Long match = terms.ifMatch();
    return match == null || stands(before, match)
        ? null
        : new Decision.Rejected(
            ErrorCode.PRECONDITION_FAILED,
            "If-Match names revision "
                + match
                + " but the document is at revision "
                + before.revision());
  }

  private static boolean stands(Document before, long expected) {
    return expected == 0 ? !before.isLive() : before.revision() == expected;
  }

  private static String name(Document document) {
    return document.key().collection() + "/" + document.key().id();
  }

  private static final Decision LIST =
      new Decision.Rejected(
          ErrorCode.TYPE_MISMATCH,
          "The document is a list: replace it with an array, or delete it");

  /// A list stays a list, and nothing else becomes one here.
  private static @Nullable Decision typeRefusal(Command.Revise command, Document before) {
    boolean list = before.isLive() && before.data() instanceof JsonArray;
    return switch (command.revision()) {
      case Revision.Replace(JsonArray _) when list -> null;
      case Revision.Replace(JsonObject _) when !list -> null;
      case Revision.Replace _ when !list ->
          new Decision.Rejected(ErrorCode.TYPE_MISMATCH, "The data of a document is an object");
      case Revision.Replace _, Revision.Transform _, Revision.Touch _ -> list ? LIST : null;
      case Revision.Create _, Revision.Delete _, Revision.Restore _, Revision.Expire _ -> null;
    };
  }
}
