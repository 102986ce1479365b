// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.rows;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.server.rows.RowRules.Rules;
import io.freshet.server.rows.RowRules.State;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/// What is there, and who may know of it: the test's own opinion.
final class Ledger {
  final Random random;
  Rules rules = RowRules.ALL.getFirst();

  /// How often each door has told something that may be known.
  final Map<String, Integer> told = new TreeMap<>();

  /// By mark; every state that ever was, or was to be.
  private final Map<String, State> states = new HashMap<>();

  /// By collection and id; those that are there.
  private final Map<String, State> documents = new TreeMap<>();

  Ledger(Random random) {
    this.random = random;
  }

  /// A new state of a document, which it does not have yet.
  State draw(String collection, String id) {
    var state =
        new State(
            collection,
            id,
            RowRules.USERS.get(random.nextInt(RowRules.USERS.size())),
            random.nextBoolean(),
            "m" + (states.size() + 1) + "m");
    states.put(state.mark(), state);
    return state;
  }

  void put(State state) {
    documents.put(state.key(), state);
  }

  void remove(String key) {
    documents.remove(key);
  }

  /// As it is; null while it is not there.
  @Nullable State at(String key) {
    return documents.get(key);
  }

  boolean mayRead(String user, @Nullable State state) {
    return state != null && rules.reading().allows(user, state);
  }

  /// The marks of all that this user may be shown of a collection.
  Set<String> visible(String user, String collection) {
    var visible = new TreeSet<String>();
    if (rules.follows(user)) {
      for (State state : documents.values()) {
        if (state.collection().equals(collection) && mayRead(user, state)) {
          visible.add(state.mark());
        }
      }
    }
    return visible;
  }

  /// Nothing in it may be about a state that this user may not read.
  ///
  /// @return the marks in it
  Set<String> audit(String door, String user, String text) {
    var marks = new TreeSet<String>();
    Matcher found = RowRules.MARK.matcher(text);
    while (found.find()) {
      State state = states.get(found.group());
      assertTrue(
          mayRead(user, state), () -> "%s told %s of %s: %s".formatted(door, user, state, text));
      marks.add(found.group());
    }
    told.merge(door, marks.size(), Integer::sum);
    return marks;
  }
}
