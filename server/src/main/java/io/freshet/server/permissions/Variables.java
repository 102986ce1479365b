// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// The names a rule may use.
///
/// @param path of the rule's path, each with its `$`
record Variables(RuleKind kind, List<String> path) {
  static final String DATA = "data";
  static final String OLD_DATA = "oldData";
  static final String NOW = "now";
  static final String USER = "user";
  static final String ACTION = "action";
  static final String NAME = "name";

  /// The cross reference, which is called and nothing else.
  static final String REFERENCE = "_";

  /// The collection of a document or stream; the Sync contract calls it service.
  static final String COLLECTION = "collection";

  static final String SERVICE = "service";

  /// Of a document.
  static final String ID = "id";

  private static final Set<String> ALWAYS =
      Set.of(USER, NOW, ACTION, "undefined", "NaN", "Infinity");

  Variables {
    path = List.copyOf(path);
  }

  /// @throws RuleException if it may not be used here
  void check(String name) {
    if (ALWAYS.contains(name) || path.contains(name) || ofKind().contains(name)) {
      return;
    }
    boolean isData = name.equals(DATA);
    if (isData || name.equals(OLD_DATA)) {
      throw new RuleException("uses %s, which there is not for %s".formatted(name, kind.key()));
    }
    if (name.equals(REFERENCE)) {
      throw new RuleException(
          "uses _ without calling it; a cross reference is like _('a/' + name)");
    }
    throw new RuleException(
        "uses %s, which is no variable here; there are %s"
            .formatted(name, String.join(", ", known())));
  }

  private Set<String> known() {
    var known = new TreeSet<String>(Set.of(USER, NOW, ACTION));
    known.addAll(path);
    known.addAll(ofKind());
    return known;
  }

  private Set<String> ofKind() {
    var names = new TreeSet<String>();
    if (kind.hasName()) {
      names.add(NAME);
    }
    if (kind.hasData()) {
      names.add(DATA);
    }
    if (kind.hasOldData()) {
      names.add(OLD_DATA);
    }
    if (kind.hasCollection()) {
      names.add(COLLECTION);
      names.add(SERVICE);
    }
    if (kind.hasId()) {
      names.add(ID);
    }
    return names;
  }
}
