// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.guard;

import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import java.util.Map;

/// One question to the guard.
///
/// @param face which side asks
/// @param nowMs milliseconds since 1970
/// @param loaded committed documents asked for by earlier answers
public record GuardRequest(
    Principal principal,
    Face face,
    GuardAction action,
    Subject subject,
    long nowMs,
    Map<DocumentKey, Document> loaded) {

  /// The key of the document it is about.
  ///
  /// @throws IllegalStateException when it is not about a document
  public DocumentKey key() {
    return switch (subject) {
      case Subject.OfDocument(Document before, Document after) -> before.key();
      case Subject.OfName _, Subject.OfStream _ ->
          throw new IllegalStateException(action + " concerns no document");
    };
  }
}
