// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.decide;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.Condition;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.PathEdit;
import io.freshet.spi.Write;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Turns a write command into a decision. Pure: the same state, command and guard answers always
/// give the same decision (design, invariant 2).
///
/// The guard is asked before conditions are compared, so that somebody who may not write learns
/// nothing about the document from a conflict.
public final class Decider {
  private static final int VERSION_MASK = 0x7FFF_FFFF;

  private final JsonLimits limits;
  private final Revising revising;

  public Decider(JsonLimits limits) {
    this.limits = limits;
    this.revising = new Revising(limits);
  }

  /// @param before the document with all pending writes applied; not one whose time is over, except
  ///   for [io.freshet.engine.command.Revision.Expire]: for everything else it must have expired
  ///   first
  public Decision decide(Command.DocumentWrite command, Document before, Circumstances given) {
    return switch (command) {
      case Command.Replace replace -> replace(replace, before, given);
      case Command.Edit edit -> edit(edit, before, given);
      case Command.Delete delete -> delete(delete, before, given);
      case Command.Open open -> open(before, given.actor());
      case Command.Revise revise -> revising.decide(revise, before, given);
    };
  }

  private Decision replace(Command.Replace command, Document before, Circumstances given) {
    Document after = written(before, command.data());
    Decision refused = refusal(before, after, GuardAction.WRITE, command.create(), given.guard());
    if (refused == null) {
      refused = conditionRefusal(command.condition(), command.create(), before);
    }
    if (refused == null) {
      refused = limitRefusal(command.data(), limits);
    }
    Operation operation = before.isLive() ? Operation.REPLACE : Operation.CREATE;
    return refused != null
        ? refused
        : new Decision.Accepted(
            new Write(operation, before, after, null, given.actor(), null, command.request()));
  }

  private Decision edit(Command.Edit command, Document before, Circumstances given) {
    GuardAction action = onlyErases(command.operations()) ? GuardAction.DELETE : GuardAction.WRITE;
    JsonValue data;
    try {
      data = edited(base(before), command.operations());
    } catch (FreshetException e) {
      Decision refused = refusal(before, before, action, command.create(), given.guard());
      return refused != null ? refused : new Decision.Rejected(e.code(), message(e));
    }
    Document after = written(before, data);
    Decision refused = refusal(before, after, action, command.create(), given.guard());
    if (refused == null) {
      refused = conditionRefusal(command.condition(), command.create(), before);
    }
    if (refused == null) {
      refused = editLimitRefusal(command.operations(), data);
    }
    Operation operation = before.isLive() ? Operation.MUTATE : Operation.CREATE;
    return refused != null
        ? refused
        : new Decision.Accepted(
            new Write(
                operation,
                before,
                after,
                resolved(command, before),
                given.actor(),
                null,
                command.request()));
  }

  /// A tombstone may hold data that the next life does not begin with.
  private static JsonValue base(Document before) {
    return before.isRecord() ? before.data() : JsonObject.empty();
  }

  /// What leads from the state before to the one after; not from a tombstone's data.
  private static @Nullable List<FieldOperation> resolved(Command.Edit command, Document before) {
    return before.life() == Life.TOMBSTONE ? null : command.operations();
  }

  /// The states in between have to keep to the limits as well: many small edits could ask for more
  /// memory than there is before the last one makes the document small again.
  private JsonValue edited(JsonValue before, List<FieldOperation> operations) {
    int bytesMax = Math.max(limits.bytesMax(), before.encodedBytes());
    int membersMax = Math.max(limits.membersMax(), before.members());
    JsonValue state = before;
    for (int i = 0; i < operations.size(); i++) {
      if (state.encodedBytes() > bytesMax || state.members() > membersMax) {
        throw new FreshetException(ErrorCode.DOCUMENT_TOO_LARGE, tooLarge(limits));
      }
      state = PathEdit.apply(state, operations.get(i));
    }
    return state;
  }

  static String message(FreshetException e) {
    String message = e.getMessage();
    return message == null ? e.code().name() : message;
  }

  private static boolean onlyErases(List<FieldOperation> operations) {
    for (FieldOperation operation : operations) {
      if (!(operation instanceof FieldOperation.Erase)) {
        return false;
      }
    }
    return !operations.isEmpty();
  }

  private static Decision delete(Command.Delete command, Document before, Circumstances given) {
    Document after = tombstone(before, JsonNull.NULL);
    Decision refused = refusal(before, after, GuardAction.DELETE, false, given.guard());
    if (refused != null) {
      return refused;
    }
    return before.isRecord()
        ? new Decision.Accepted(
            new Write(
                Operation.DELETE, before, after, null, given.actor(), null, command.request()))
        : Decision.Suppressed.SUPPRESSED;
  }

  /// The deleted document.
  ///
  /// @param data what is kept of it; null if that is nothing
  static Document tombstone(Document before, JsonValue data) {
    return new Document(
        before.key(),
        Life.TOMBSTONE,
        before.revision() + 1,
        data,
        before.createdAt(),
        before.updatedAt(),
        0,
        before.updatedBy());
  }

  private static Decision open(Document before, String actor) {
    if (before.isRecord()) {
      return Decision.Suppressed.SUPPRESSED;
    }
    Document after =
        new Document(
            before.key(),
            Life.OPENED,
            before.revision(),
            JsonObject.empty(),
            before.createdAt(),
            before.updatedAt(),
            0,
            before.updatedBy());
    return new Decision.Accepted(new Write(Operation.OPEN, before, after, null, actor));
  }

  /// The next state; a first write of a life begins with new times and does not expire.
  private static Document written(Document before, JsonValue data) {
    return written(before, data, before.isLive() ? before.expiresAt() : 0);
  }

  static Document written(Document before, JsonValue data, long expiresAt) {
    return new Document(
        before.key(),
        Life.LIVE,
        before.revision() + 1,
        data,
        before.isLive() ? before.createdAt() : 0,
        before.updatedAt(),
        expiresAt,
        before.updatedBy());
  }

  private static @Nullable Decision refusal(
      Document before, Document after, GuardAction action, boolean create, GuardCheck guard) {
    Decision refused =
        create && !before.isRecord() ? of(guard.ask(GuardAction.CREATE, before, after)) : null;
    return refused != null ? refused : of(guard.ask(action, before, after));
  }

  /// The guard's answer as a decision; null when it allows.
  public static @Nullable Decision of(GuardAnswer answer) {
    return switch (answer) {
      case GuardAnswer.Allow allow -> null;
      case GuardAnswer.Deny deny ->
          new Decision.Rejected(ErrorCode.FORBIDDEN, "You may not do this");
      case GuardAnswer.Failed(String reason) ->
          new Decision.Rejected(ErrorCode.PERMISSION_ERROR, reason);
      case GuardAnswer.Needs(List<io.freshet.protocol.DocumentKey> keys) ->
          new Decision.Needs(keys);
    };
  }

  private static @Nullable Decision conditionRefusal(
      Condition condition, boolean create, Document before) {
    if (!create && !before.isRecord()) {
      return new Decision.Rejected(
          ErrorCode.NOT_FOUND,
          "There is no record \"" + before.key().recordName() + "\"; create it first");
    }
    return switch (condition) {
      case Condition.Any any -> null;
      case Condition.Follows(int version) -> versionRefusal(version, before);
      case Condition.FollowsOrBegins(int version) ->
          before.isLive() ? versionRefusal(version, before) : null;
    };
  }

  /// Deepstream reference 7.1: the next version is accepted, an old one conflicts, one further
  /// ahead is invalid.
  private static @Nullable Decision versionRefusal(int version, Document before) {
    int current = (int) (before.revision() & VERSION_MASK);
    if (version == ((current + 1) & VERSION_MASK)) {
      return null;
    }
    String name = before.key().recordName();
    return version <= current
        ? new Decision.Rejected(
            ErrorCode.REVISION_CONFLICT,
            "conflict: version " + version + " of \"" + name + "\" exists; it is at " + current)
        : new Decision.Rejected(
            ErrorCode.INVALID_VERSION,
            "conflict: version " + version + " of \"" + name + "\" is ahead of " + current);
  }

  static @Nullable Decision limitRefusal(JsonValue data, JsonLimits limits) {
    if (!data.isContainer()) {
      return new Decision.Rejected(
          ErrorCode.TYPE_MISMATCH, "A document must be an object or an array");
    }
    if (data.encodedBytes() > limits.bytesMax() || data.members() > limits.membersMax()) {
      return new Decision.Rejected(ErrorCode.DOCUMENT_TOO_LARGE, tooLarge(limits));
    }
    return null;
  }

  private static String tooLarge(JsonLimits limits) {
    return "The document would exceed "
        + limits.bytesMax()
        + " bytes or "
        + limits.membersMax()
        + " members";
  }

  /// A document only gets deeper where an edit puts something, so the rest need not be walked.
  private @Nullable Decision editLimitRefusal(List<FieldOperation> operations, JsonValue data) {
    for (FieldOperation operation : operations) {
      int depth = operation.path().tokens().size();
      if (operation instanceof FieldOperation.Set(var path, JsonValue value)) {
        depth = path.tokens().size() + value.depth();
      }
      if (depth > limits.depthMax()) {
        return new Decision.Rejected(
            ErrorCode.TOO_DEEP,
            "The document would be nested deeper than " + limits.depthMax() + " levels");
      }
    }
    return limitRefusal(data, limits);
  }
}
