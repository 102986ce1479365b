// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.PathEdit;
import io.freshet.protocol.path.PathToken;
import java.util.List;

/// Edits as the tests below write them, and what holds for all of them.
final class Edits {
  static final long NOW = 1_710_002_000_123L;

  private Edits() {}

  static Edited mutate(JsonValue before, JsonValue mutations) {
    List<Mutation> read = Mutations.read(mutations, Mutations.OPERATIONS_MAX);
    return checked(before, Mutations.apply(before, read, NOW, JsonLimits.DEFAULT));
  }

  static JsonValue mutate(String before, String mutations) {
    return mutate(Json.parse(before), Json.parse(mutations)).after();
  }

  static Edited patch(JsonValue before, JsonValue patch) {
    JsonPatch read = JsonPatch.read(patch, Mutations.OPERATIONS_MAX);
    return checked(before, read.apply(before, JsonLimits.DEFAULT));
  }

  /// Everything an edit promises of its operations.
  static Edited checked(JsonValue before, Edited edited) {
    List<FieldOperation> operations = edited.operations();
    assertEquals(edited.after(), PathEdit.applyAll(before, operations), operations::toString);
    if (edited.after().equals(before)) {
      assertEquals(List.of(), operations);
      assertSame(before, edited.after());
    }
    JsonValue state = before;
    for (FieldOperation operation : operations) {
      checkSimple(state, operation);
      state = PathEdit.apply(state, operation);
    }
    checkApart(operations);
    return edited;
  }

  /// The operation means the same whatever PathEdit makes of missing and mistaken places.
  private static void checkSimple(JsonValue state, FieldOperation operation) {
    List<PathToken> tokens = operation.path().tokens();
    assertFalse(tokens.isEmpty());
    JsonValue node = state;
    for (PathToken token : tokens.subList(0, tokens.size() - 1)) {
      node = child(node, token);
      assertTrue(node != null && node.isContainer(), operation::toString);
    }
    JsonValue old = child(node, tokens.getLast());
    switch (operation) {
      case FieldOperation.Erase erase -> {
        assertInstanceOf(JsonObject.class, node, operation::toString);
        assertTrue(old != null, operation::toString);
      }
      case FieldOperation.Set set -> {
        assertFalse(set.value().equals(old), operation::toString);
        if (node instanceof JsonArray array) {
          assertTrue(((PathToken.Index) tokens.getLast()).place() <= array.size());
        }
      }
    }
  }

  private static JsonValue child(JsonValue node, PathToken token) {
    return switch (token) {
      case PathToken.Key(String key) -> assertInstanceOf(JsonObject.class, node).get(key);
      case PathToken.Index(int index) -> {
        JsonArray array = assertInstanceOf(JsonArray.class, node);
        yield index < array.size() ? array.get(index) : null;
      }
    };
  }

  private static void checkApart(List<FieldOperation> operations) {
    for (FieldOperation one : operations) {
      for (FieldOperation other : operations) {
        List<PathToken> path = one.path().tokens();
        List<PathToken> longer = other.path().tokens();
        boolean leads =
            one != other
                && path.size() <= longer.size()
                && longer.subList(0, path.size()).equals(path);
        assertFalse(leads, () -> one + " leads to " + other);
      }
    }
  }

  /// The refusal has that code, a text, and the word `conflict` exactly when it is a 409.
  static FreshetException expectRefused(ErrorCode code, Runnable action) {
    FreshetException refused = assertThrows(FreshetException.class, action::run);
    assertEquals(code, refused.code(), refused.getMessage());
    assertEquals(
        refused.status() == 409, refused.getMessage().contains("conflict"), refused.getMessage());
    return refused;
  }
}
