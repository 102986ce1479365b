// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.rows;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.server.rows.RowRules.State;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/// A user at one of the doors.
abstract class Caller {
  final House house;
  final Ledger ledger;
  final Random random;
  final String user;
  private final String door;

  /// Collections each change of which it is to be told of, as far as it may know it.
  final Set<String> following = new HashSet<>();

  Caller(House house, Ledger ledger, String user, String door) {
    this.house = house;
    this.ledger = ledger;
    this.random = ledger.random;
    this.user = user;
    this.door = door;
  }

  /// Asks for something.
  abstract void act();

  /// What has come since the last call.
  abstract String take();

  /// Goes away and comes back.
  void reconnect() {}

  /// Writes a document, whatever it was before; not everybody can.
  ///
  /// @return false if nothing was written
  boolean write(State state) {
    return false;
  }

  /// Whether it has to be told of this state, which a document has now.
  boolean isToBeTold(State state) {
    return following.contains(state.collection()) && ledger.mayRead(user, state);
  }

  /// A document has another state, or none.
  void changed(String key) {}

  /// There are other rules.
  void renewed() {
    if (!ledger.rules.follows(user)) {
      following.clear();
    }
  }

  // What those at all doors do.

  /// Takes what has come, which has to be what it may know.
  final Set<String> heard() {
    return heard(take());
  }

  final Set<String> heard(String text) {
    return ledger.audit(door, user, text);
  }

  /// As [#heard]; all of these have to be among it.
  final void hears(Set<String> marks) {
    String text = take();
    assertTrue(
        heard(text).containsAll(marks),
        () -> "%s did not tell %s of %s: %s".formatted(door, user, marks, text));
  }

  final String anyCollection() {
    return RowRules.COLLECTIONS.get(random.nextInt(RowRules.COLLECTIONS.size()));
  }

  final String anyId() {
    return Integer.toString(random.nextInt(4));
  }

  final void follow(String collection) {
    if (ledger.rules.follows(user)) {
      following.add(collection);
    }
  }

  @Override
  public final String toString() {
    return user + " at " + door;
  }
}
