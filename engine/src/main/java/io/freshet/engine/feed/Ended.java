// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.feed;

import io.freshet.engine.guard.Face;
import io.freshet.protocol.DocumentKey;
import org.jspecify.annotations.Nullable;

/// What a session has no more, because it is not allowed any more.
public sealed interface Ended {
  /// It watches the document no more.
  record Watch(DocumentKey key) implements Ended {}

  /// It follows no more.
  ///
  /// @param collection null for all of them
  record Follow(@Nullable String collection, Face face) implements Ended {}

  /// It listens no more.
  record Listening(ListenTopic topic, String pattern) implements Ended {}

  /// It receives the event no more.
  record Event(String name) implements Ended {}

  /// It provides the procedure no more.
  record Procedure(String name) implements Ended {}

  /// It is told of the user no more.
  ///
  /// @param user null for everybody
  record Presence(@Nullable String user) implements Ended {}
}
