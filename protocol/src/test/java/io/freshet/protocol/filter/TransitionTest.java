// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What becomes of a document that somebody watches through a filter.
class TransitionTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      nullValues = "-",
      quoteCharacter = '#',
      value = {
        "{'s':1}; CREATE; -; {'s':1}; ENTERED",
        "{'s':1}; CREATE; -; {'s':2}; NEVER",
        "{'s':1}; RESTORE; -; {'s':1}; ENTERED",
        "{'s':1}; MERGE; {'s':2}; {'s':1}; ENTERED",
        "{'s':1}; MERGE; {'s':1}; {'s':1,'x':2}; STAYS",
        "{'s':1}; MERGE; {'s':1}; {'s':2}; LEFT",
        "{'s':1}; MERGE; {'s':1}; {}; LEFT",
        "{'s':1}; MERGE; {'s':2}; {'s':3}; NEVER",
        "{'s':1}; DELETE; {'s':1}; -; LEFT",
        "{'s':1}; EXPIRE; {'s':1}; -; LEFT",
        "{'s':1}; DELETE; {'s':2}; -; NEVER",
        "{}; CREATE; -; {}; ENTERED",
        "{}; DELETE; {}; -; LEFT",
        "{}; OPEN; -; -; NEVER",
        "{}; REPLACE; [1]; [2]; STAYS",
        // A filter on the operation chooses among the changes.
        "{'operation':'delete'}; DELETE; {}; -; LEFT",
        "{'operation':'delete'}; MERGE; {}; {}; NEVER",
        "{'operation':'create'}; CREATE; -; {}; ENTERED",
        "{'operation':'merge','s':1}; MERGE; {'s':1}; {'s':2}; LEFT",
        "{'operation':'merge','s':1}; MUTATE; {'s':1}; {'s':2}; NEVER",
      })
  void ofAChange(
      String filter,
      Operation operation,
      @Nullable String before,
      @Nullable String after,
      Transition expected) {
    Filter read = SyncFilter.read(Rows.object(filter));
    assertEquals(expected, Transition.of(read, Rows.change(operation, before, after)));
  }

  @ParameterizedTest
  @CsvSource({
    "all, true, true, true, false",
    "in, true, false, false, false",
    "out, false, false, true, false"
  })
  void scopesChooseAmongThem(
      String scope, boolean entered, boolean stays, boolean left, boolean never) {
    assertEquals(entered, Scope.parse(scope).delivers(Transition.ENTERED));
    assertEquals(stays, Scope.parse(scope).delivers(Transition.STAYS));
    assertEquals(left, Scope.parse(scope).delivers(Transition.LEFT));
    assertEquals(never, Scope.parse(scope).delivers(Transition.NEVER));
  }

  @Test
  void thereAreNoOtherScopes() {
    FreshetException refused = assertThrows(FreshetException.class, () -> Scope.parse("ALL"));
    assertEquals(ErrorCode.INVALID_ARGUMENT, refused.code());
  }

  /// A tombstone keeps its last data for a restore; nobody watches it.
  @Test
  void whatATombstoneKeepsDoesNotMatch() {
    var change = Rows.change(Operation.DELETE, "{'s':1}", "{'s':1}");
    var tombstone =
        new Document(change.key(), Document.Life.TOMBSTONE, 5, change.after().data(), 1, 2);
    var deleted =
        new Change(
            change.id(),
            change.position(),
            Operation.DELETE,
            change.before(),
            tombstone,
            null,
            "ada");
    Filter filter = SyncFilter.read(Rows.object("{'s':1}"));
    assertEquals(Transition.LEFT, Transition.of(filter, deleted));
  }
}
