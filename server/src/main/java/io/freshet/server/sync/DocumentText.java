// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;

/// Documents as this face shows them.
final class DocumentText {
  private DocumentText() {}

  /// The whole document (Sync contract, section 1).
  ///
  /// @param deleted whether it counts as deleted
  static void write(JsonOutput out, Document document, boolean deleted) {
    writeName(out.raw("{"), document.key());
    out.raw(",\"revision\":").number(document.revision());
    out.raw(",\"data\":").value(document.data());
    out.raw(",\"createdAt\":").number(document.createdAt());
    out.raw(",\"updatedAt\":").number(document.updatedAt());
    if (!document.updatedBy().isEmpty()) {
      out.raw(",\"updatedBy\":").string(document.updatedBy());
    }
    if (document.expiresAt() != 0) {
      out.raw(",\"expiresAt\":").number(document.expiresAt());
    }
    out.raw(deleted ? ",\"deleted\":true}" : "}");
  }

  /// What is told to whoever has deleted it.
  static void writeGone(JsonOutput out, Document document) {
    writeName(out.raw("{"), document.key());
    out.raw(",\"revision\":").number(document.revision()).raw(",\"deleted\":true}");
  }

  private static void writeName(JsonOutput out, DocumentKey key) {
    out.raw("\"service\":").string(key.collection()).raw(",\"id\":").string(key.id());
  }
}
