// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The rules of one path. Immutable.
///
/// @param place its number in the file
record Entry(PathPattern path, int place, Map<RuleKind, Rule> rules) {
  Entry {
    rules = rules.isEmpty() ? Map.of() : new EnumMap<>(rules);
  }

  @Nullable Rule rule(RuleKind kind) {
    return rules.get(kind);
  }
}
