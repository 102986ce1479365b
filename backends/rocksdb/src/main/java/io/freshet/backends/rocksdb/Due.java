// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.Document;
import org.jspecify.annotations.Nullable;

/// When something is to be done about a document. The entries of the `due` family are kept in step
/// with the documents on disk: every document written takes the entry of the one it replaces away.
///
/// @param kind [#EXPIRY] or [#TOMBSTONE]
/// @param timeMs since 1970: when it expires; when it was deleted
record Due(int kind, long timeMs) {
  static final int EXPIRY = 1;
  static final int TOMBSTONE = 2;

  /// Null for most documents.
  static @Nullable Due of(Document document) {
    return switch (document.life()) {
      case MISSING, OPENED -> null;
      case LIVE -> document.expiresAt() == 0 ? null : new Due(EXPIRY, document.expiresAt());
      case TOMBSTONE -> new Due(TOMBSTONE, document.updatedAt());
    };
  }

  byte[] key(byte[] documentKey) {
    return Keys.due(kind, timeMs, documentKey);
  }
}
