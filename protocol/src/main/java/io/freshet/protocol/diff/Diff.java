// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.diff;

import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.mutation.FieldPath;
import io.freshet.protocol.mutation.Mutation;
import java.util.List;

/// The difference of two states of a document, per field (Sync contract, section 5). Each list is
/// in the order of the rendered paths by code unit; no path is equal to another or its beginning.
///
/// @param skipped whether it would have cost more than its budget; the lists are empty then
public record Diff(
    List<Diff.Added> added,
    List<Diff.Removed> removed,
    List<Diff.Changed> changed,
    boolean skipped) {
  /// Budget unless configured otherwise: members and elements looked at (Sync contract 5.1, 12).
  public static final int BUDGET_NODES = 50_000;

  public static final Diff EMPTY = new Diff(List.of(), List.of(), List.of(), false);
  public static final Diff SKIPPED = new Diff(List.of(), List.of(), List.of(), true);

  /// A field only the later state has.
  public record Added(FieldPath path, JsonValue value) {}

  /// A field only the earlier state has.
  public record Removed(FieldPath path, JsonValue value) {}

  /// A field both have, with different values, not both of them objects. The path is the root when
  /// one of the states is an array.
  public record Changed(FieldPath path, JsonValue from, JsonValue to) {}

  public Diff {
    added = List.copyOf(added);
    removed = List.copyOf(removed);
    changed = List.copyOf(changed);
  }

  /// Parts that are the same instance in both states are not looked at and cost nothing: an edit
  /// shares with the state before all it did not touch.
  ///
  /// @param budgetNodes how many members and elements may be looked at
  public static Diff between(JsonValue pre, JsonValue post, int budgetNodes) {
    return notYet();
  }

  public boolean isEmpty() {
    return added.isEmpty() && removed.isEmpty() && changed.isEmpty() && !skipped;
  }

  /// The later state made of the earlier one. Does not look at what `removed` and `from` say.
  ///
  /// @throws IllegalStateException when it was skipped
  public JsonValue apply(JsonValue pre) {
    return notYet();
  }

  /// The difference from the later state to the earlier one.
  public Diff invert() {
    return notYet();
  }

  /// The mutations that make the later state of the earlier one.
  ///
  /// @throws IllegalStateException when it was skipped, or the root changed: only replace does that
  public List<Mutation> toMutations() {
    return notYet();
  }

  @SuppressWarnings("TypeParameterUnusedInFormals")
  private static <T> T notYet() {
    throw new UnsupportedOperationException();
  }
}
