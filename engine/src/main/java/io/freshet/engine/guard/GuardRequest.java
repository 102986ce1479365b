// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.guard;

import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import java.util.Map;

/// One question to the guard.
///
/// @param before the document as it is (pending writes included)
/// @param after what it would become; the same as `before` when nothing is written
/// @param nowMs milliseconds since 1970
/// @param loaded committed documents asked for by earlier answers
public record GuardRequest(
    Principal principal,
    GuardAction action,
    Document before,
    Document after,
    long nowMs,
    Map<DocumentKey, Document> loaded) {

  public DocumentKey key() {
    return before.key();
  }
}
