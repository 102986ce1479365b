// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The rules of one path. Immutable.
///
/// @param collection the part of the path that collections have to fit; the path itself where there
///   is none
/// @param place its number in the file
record Entry(PathPattern path, PathPattern collection, int place, Map<RuleKind, Rule> rules) {
  Entry {
    rules = rules.isEmpty() ? Map.of() : new EnumMap<>(rules);
  }

  /// What names have to fit that a rule of this kind is for.
  PathPattern path(RuleKind kind) {
    return kind.isOfCollection() ? collection : path;
  }

  @Nullable Rule rule(RuleKind kind) {
    return rules.get(kind);
  }
}
