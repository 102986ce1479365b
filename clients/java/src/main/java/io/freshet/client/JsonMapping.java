// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/// How a program's types become JSON, and JSON its types.
///
/// Without one, the client maps by itself: Java records (their components by name; unknown members
/// are ignored, absent ones become null, zero, false or an empty `Optional`; null components are
/// not written), enums by name, `String`, primitives, `BigDecimal`, `BigInteger`, `Instant` and the
/// other types of `java.time` as ISO 8601, `UUID`, `byte[]` as base64, `List`, `Set`, `Map` with
/// string keys, `Optional`, arrays, and `Object`: maps, lists, and numbers that hold what was sent
/// exactly. For anything else there are [io.freshet.client.jackson.Jackson2Mapping] and
/// [io.freshet.client.jackson.Jackson3Mapping], or these two methods by hand.
///
/// Threading: called by several threads at once.
public interface JsonMapping {
  /// Makes a value of the program.
  ///
  /// @param json one JSON value
  /// @param type what it shall be: never `Object` or `Map`, which the client makes itself
  /// @return never null unless the value is `null`
  /// @throws Exception if it is none: what is waited for fails with `INVALID_ARGUMENT`
  @Nullable Object read(String json, Type type) throws Exception;

  /// Makes JSON of a value of the program.
  ///
  /// @return one JSON value
  /// @throws Exception if it cannot be said as JSON: the call that gave it fails with
  ///   `INVALID_ARGUMENT`
  String write(Object value) throws Exception;
}
