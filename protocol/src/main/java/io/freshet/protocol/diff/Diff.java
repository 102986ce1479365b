// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.diff;

import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.mutation.FieldPath;
import io.freshet.protocol.mutation.Mutation;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.PathEdit;
import io.freshet.protocol.path.PathToken;
import io.freshet.protocol.path.RecordPath;
import java.util.ArrayList;
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
    try {
      return Comparison.compare(pre, post, budgetNodes);
    } catch (Comparison.OverBudget tooMuch) {
      return SKIPPED;
    }
  }

  public boolean isEmpty() {
    return added.isEmpty() && removed.isEmpty() && changed.isEmpty() && !skipped;
  }

  /// The later state made of the earlier one. Does not look at what `removed` and `from` say.
  ///
  /// @throws IllegalStateException when it was skipped
  public JsonValue apply(JsonValue pre) {
    requireComputed();
    if (changed.size() == 1 && changed.getFirst().path.isRoot()) {
      return changed.getFirst().to;
    }
    var operations = new ArrayList<FieldOperation>();
    removed.forEach(entry -> operations.add(new FieldOperation.Erase(place(entry.path))));
    added.forEach(entry -> operations.add(new FieldOperation.Set(place(entry.path), entry.value)));
    changed.forEach(entry -> operations.add(new FieldOperation.Set(place(entry.path), entry.to)));
    return PathEdit.applyAll(pre, operations);
  }

  private void requireComputed() {
    if (skipped) {
      throw new IllegalStateException("the difference was not computed");
    }
  }

  /// A diff goes through objects only.
  private static RecordPath place(FieldPath path) {
    return new RecordPath(path.segments().stream().<PathToken>map(PathToken.Key::new).toList());
  }

  /// The difference from the later state to the earlier one.
  public Diff invert() {
    return new Diff(
        removed.stream().map(entry -> new Added(entry.path, entry.value)).toList(),
        added.stream().map(entry -> new Removed(entry.path, entry.value)).toList(),
        changed.stream().map(entry -> new Changed(entry.path, entry.to, entry.from)).toList(),
        skipped);
  }

  /// The mutations that make the later state of the earlier one: `set` and `unset`, each of a field
  /// of its own.
  ///
  /// @throws IllegalStateException when it was skipped, or the root changed: only replace does that
  public List<Mutation> toMutations() {
    requireComputed();
    var mutations = new ArrayList<Mutation>(added.size() + removed.size() + changed.size());
    added.forEach(entry -> mutations.add(new Mutation.Set(entry.path, entry.value)));
    removed.forEach(entry -> mutations.add(new Mutation.Unset(entry.path)));
    for (Changed entry : changed) {
      if (entry.path.isRoot()) {
        throw new IllegalStateException("no mutation replaces the whole document");
      }
      mutations.add(new Mutation.Set(entry.path, entry.to));
    }
    return mutations;
  }

  /// As JSON: three members, always there; see [DiffEncoder] for leaving old values out.
  public JsonObject toJson() {
    return DiffEncoder.WHOLE.toJson(this);
  }
}
