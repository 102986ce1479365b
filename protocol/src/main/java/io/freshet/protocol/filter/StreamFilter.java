// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which changes a stream is for: per action the filter of its rows, or null for an action it does
/// not want.
///
/// @param create tested on the new row
/// @param update tested on the row after, which knows the row before
/// @param delete tested on the old row
public record StreamFilter(
    @Nullable Filter create, @Nullable Filter update, @Nullable Filter delete) {
  /// Every change.
  public static final StreamFilter ALL = new StreamFilter(Filter.ALL, Filter.ALL, Filter.ALL);

  /// The actions it is for.
  public Set<Action> actions() {
    var actions = EnumSet.noneOf(Action.class);
    for (Action action : Action.values()) {
      if (of(action) != null) {
        actions.add(action);
      }
    }
    return actions;
  }

  /// The filter of one action's rows; null when it is not wanted.
  public @Nullable Filter of(Action action) {
    return switch (action) {
      case CREATE -> create;
      case UPDATE -> update;
      case DELETE -> delete;
    };
  }

  /// The members of a deleted row that are looked at.
  public Set<String> deleteMembers() {
    return delete == null ? Set.of() : delete.members();
  }

  /// All of it as one filter, for rows as [Row#of(io.freshet.protocol.Change)] makes them.
  public Filter filter() {
    var actions = new LinkedHashMap<Filter, Set<Object>>();
    for (Action action : Action.values()) {
      Filter filter = of(action);
      if (filter != null) {
        actions.computeIfAbsent(filter, key -> new HashSet<>()).add(action.text());
      }
    }
    var parts = new ArrayList<Node>();
    actions.forEach((filter, texts) -> {
      var wanted = new Condition.OneOf(Field.action(), texts);
      parts.add(new Node.All(List.of(wanted, filter.node())));
    });
    return Filter.of(new Node.Any(parts));
  }
}
