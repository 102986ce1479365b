// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.guard;

import io.freshet.protocol.Document;
import io.freshet.protocol.json.JsonValue;
import org.jspecify.annotations.Nullable;

/// What a question to the guard is about.
public sealed interface Subject {
  /// A document.
  ///
  /// @param before as it is (pending writes included)
  /// @param after what it would become; the same as `before` when nothing is written
  record OfDocument(Document before, Document after) implements Subject {}

  /// A change stream.
  ///
  /// @param name under which its place is kept; null for none
  record OfStream(String collection, @Nullable String name) implements Subject {}

  /// Something that has only a name: an event, a procedure, a user, a listener's pattern.
  ///
  /// @param name null when presence of everybody is meant
  /// @param data of the event or call; null for none
  record OfName(@Nullable String name, @Nullable JsonValue data) implements Subject {}
}
