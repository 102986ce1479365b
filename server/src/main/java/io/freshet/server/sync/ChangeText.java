// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.Change;
import io.freshet.protocol.Operation;
import io.freshet.protocol.diff.Diff;
import io.freshet.protocol.diff.DiffEncoder;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.util.Locale;

/// Changes as this face shows them.
final class ChangeText {
  private ChangeText() {}

  /// One entry of a document's history.
  static void writeHistory(JsonOutput out, Change change) {
    out.raw("{\"id\":\"").raw(change.id().text());
    out.raw("\",\"operation\":\"").raw(operation(change.operation()));
    out.raw("\",\"revision\":").number(change.revision());
    out.raw(",\"timestamp\":").number(change.after().updatedAt());
    out.raw(",\"actor\":").string(change.actor());
    out.raw(",\"data\":").value(shownData(change));
    if (removes(change)) {
      out.raw(",\"deleted\":true");
    }
    out.raw(",\"diff\":").raw(DiffEncoder.SHORT.encode(diff(change))).raw("}");
  }

  static String operation(Operation operation) {
    return operation.name().toLowerCase(Locale.ROOT);
  }

  /// Whether the document has gone out of the subscriber's view: what it is now must not be told.
  static boolean hides(Change change) {
    return !removes(change) && !change.after().isLive();
  }

  /// Whether the document has come into the subscriber's view: what it was must not be told.
  static boolean reveals(Change change) {
    return switch (change.operation()) {
      case REPLACE, MERGE, MUTATE -> change.after().isLive() && !change.before().isLive();
      case OPEN, CREATE, DELETE, RESTORE, EXPIRE, SNAPSHOT -> false;
    };
  }

  static boolean removes(Change change) {
    return change.operation() == Operation.DELETE || change.operation() == Operation.EXPIRE;
  }

  /// What a subscriber sees of the document: of a deleted one, its last state.
  static JsonValue shownData(Change change) {
    return removes(change) ? change.before().data() : change.after().data();
  }

  /// What the change did, as it is told: a document that comes (back) adds all it has, one that
  /// goes is hidden rather than emptied.
  static Diff diff(Change change) {
    if (hides(change)) {
      return Diff.EMPTY;
    }
    return switch (change.operation()) {
      case OPEN, DELETE, EXPIRE, SNAPSHOT -> Diff.EMPTY;
      case CREATE, RESTORE -> between(JsonObject.empty(), change.after().data());
      case REPLACE, MERGE, MUTATE -> between(change.before().data(), change.after().data());
    };
  }

  private static Diff between(JsonValue before, JsonValue after) {
    return Diff.between(before, after, Diff.BUDGET_NODES);
  }
}
