// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import org.jspecify.annotations.Nullable;

/// One change of one document of a collection, as a stream delivers it. Rows are the document's
/// data, with `id` if it has none of its own.
///
/// ```java
/// switch (change) {
///   case Change.Created<User>(User user, var place) -> welcome(user);
///   case Change.Updated<User>(var before, User after, var place) -> refresh(after);
///   case Change.Deleted<User>(User user, var place) -> forget(place.documentId());
/// }
/// ```
///
/// @param <T> what rows are read as
public sealed interface Change<T> {
  /// Which change it is.
  ChangePlace place();

  /// Names the change: the same however often it is delivered.
  default String id() {
    return place().id();
  }

  /// A document was made, or brought back.
  record Created<T>(T created, ChangePlace place) implements Change<T> {}

  /// @param before null where the source of the change does not tell
  record Updated<T>(@Nullable T before, T after, ChangePlace place) implements Change<T> {}

  /// A document was deleted, or has expired.
  ///
  /// @param deleted the last data; where the source of the change does not tell it, only what names
  ///   the document
  record Deleted<T>(T deleted, ChangePlace place) implements Change<T> {}
}
