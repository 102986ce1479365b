// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import java.util.List;
import java.util.Set;
import org.mozilla.javascript.Script;

/// What an entry of the file says of one kind. Immutable.
sealed interface Rule {
  /// Always the same.
  record Constant(boolean allows) implements Rule {}

  /// An expression.
  ///
  /// @param place file, line, path and kind, for the log
  /// @param used the variables it looks at
  record Expression(String place, Script script, List<RuleRegex> regexes, Set<String> used)
      implements Rule {
    public Expression {
      regexes = List.copyOf(regexes);
      used = Set.copyOf(used);
    }

    /// Whether the answer may be kept for the same user, kind and name.
    boolean isTimeless() {
      return !used.contains(Variables.DATA)
          && !used.contains(Variables.OLD_DATA)
          && !used.contains(Variables.NOW)
          && !used.contains(Variables.REFERENCE);
    }

    /// Whether the answer is the same for every user.
    boolean isForAll() {
      return !used.contains(Variables.USER);
    }

    boolean looksAtCollection() {
      return used.contains(Variables.COLLECTION) || used.contains(Variables.SERVICE);
    }

    boolean looksAtContent() {
      return used.contains(Variables.DATA) || used.contains(Variables.OLD_DATA);
    }

    /// Whether the answer depends on more than the user and the document.
    boolean looksElsewhere() {
      return used.contains(Variables.NOW) || used.contains(Variables.REFERENCE);
    }

    /// Whether the answer is the same for every name.
    ///
    /// @param variables of the path
    boolean isAboutUserOnly(List<String> variables) {
      return isTimeless()
          && !used.contains(Variables.NAME)
          && !used.contains(Variables.ID)
          && variables.stream().noneMatch(used::contains);
    }
  }
}
