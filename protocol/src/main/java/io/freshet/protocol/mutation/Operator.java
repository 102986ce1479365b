// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import java.util.HashMap;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/// The operators and their names in the two forms (the table of Sync contract 2.6).
enum Operator {
  SET("$set", "set", "replace"),
  ADD(null, "add", null),
  UNSET("$unset", "unset", "remove"),
  INCREMENT("$inc", "increment", "inc"),
  MULTIPLY("$mul", "multiply", null),
  MIN("$min", "min", null),
  MAX("$max", "max", null),
  PUSH("$push", "push", null),
  ADD_TO_SET("$addToSet", "addToSet", null),
  PULL("$pull", "pull", null),
  POP("$pop", "pop", null),
  TOGGLE("$toggle", "toggle", null),
  SET_IF_ABSENT("$setIfAbsent", "setIfAbsent", null),
  MERGE("$merge", "merge", null),
  MOVE(null, "move", null),
  TEST("$test", "test", null),
  SERVER_TIME("$serverTime", "serverTime", null);

  private static final Map<String, Operator> IN_MAP = new HashMap<>();
  private static final Map<String, Operator> IN_LIST = new HashMap<>();

  static {
    for (Operator operator : values()) {
      if (operator.mapName != null) {
        IN_MAP.put(operator.mapName, operator);
      }
      IN_LIST.put(operator.listName, operator);
      if (operator.listAlias != null) {
        IN_LIST.put(operator.listAlias, operator);
      }
    }
  }

  private final @Nullable String mapName;
  private final String listName;
  private final @Nullable String listAlias;

  Operator(@Nullable String mapName, String listName, @Nullable String listAlias) {
    this.mapName = mapName;
    this.listName = listName;
    this.listAlias = listAlias;
  }

  static @Nullable Operator inMap(String name) {
    return IN_MAP.get(name);
  }

  static @Nullable Operator inList(String name) {
    return IN_LIST.get(name);
  }

  /// All names in the map form, for messages.
  static String namesInMap() {
    var names = new StringJoiner(", ");
    for (Operator operator : values()) {
      if (operator.mapName != null) {
        names.add(operator.mapName);
      }
    }
    return names.toString();
  }

  /// All names in the list form, for messages.
  static String namesInList() {
    var names = new StringJoiner(", ");
    for (Operator operator : values()) {
      names.add(operator.listName);
    }
    return names.toString();
  }

  /// Its name in the list form.
  String listName() {
    return listName;
  }

  /// Whether `true` stands where others have a value.
  boolean isBare() {
    return this == UNSET || this == TOGGLE || this == SERVER_TIME;
  }
}
