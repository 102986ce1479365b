// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

/// A JSON value: immutable, comparable by value (numbers numerically, objects without regard to key
/// order), safe to share between threads.
public sealed interface JsonValue
    permits JsonObject, JsonArray, JsonString, JsonNumber, JsonBoolean, JsonNull {

  /// Length in bytes of this value's canonical UTF-8 encoding; known without encoding it.
  int encodedBytes();

  /// Object members and array elements in this value, all levels counted; 0 for scalars.
  int members();

  /// Levels of containers: 0 for scalars, 1 for `{}` and `[]`. Computed by walking the value.
  int depth();

  /// True for objects and arrays.
  default boolean isContainer() {
    return this instanceof JsonObject || this instanceof JsonArray;
  }
}
