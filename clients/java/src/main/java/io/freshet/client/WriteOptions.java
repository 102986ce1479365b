// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How a write is to be done. Start from [#NONE], or from one of the other constants.
///
/// @param expectedRevision the write fails with `REVISION_CONFLICT` unless the document is at this
///   revision; 0: it must not exist; null: whatever it is at
/// @param returnCurrent on such a failure, `details().get("current")` of the error is the document
/// @param requestId names the operation, so that the server does it once however often it is sent
///   within ten minutes: at least 16 characters that nobody else uses. The client chooses one when
///   null; give it to repeat a write that ended `NOT_DURABLE`
/// @param expiresAt of a `create`: when the server deletes the document; null: never
/// @param storeNulls of a `merge`: store null instead of removing the member
public record WriteOptions(
    @Nullable Long expectedRevision,
    boolean returnCurrent,
    @Nullable String requestId,
    @Nullable Instant expiresAt,
    boolean storeNulls) {
  /// The last writer wins.
  public static final WriteOptions NONE = new WriteOptions(null, false, null, null, false);

  /// Only if the document is at this revision.
  public static WriteOptions expecting(long revision) {
    return new WriteOptions(revision, false, null, null, false);
  }

  /// Has a conflict tell the document as it is, as `details().get("current")`.
  public WriteOptions withCurrent() {
    return new WriteOptions(expectedRevision, true, requestId, expiresAt, storeNulls);
  }

  /// Names the operation: at least 16 characters that nobody else uses.
  public WriteOptions withRequestId(String id) {
    return new WriteOptions(expectedRevision, returnCurrent, id, expiresAt, storeNulls);
  }

  /// The document made is deleted by the server then.
  public WriteOptions withExpiry(Instant at) {
    return new WriteOptions(expectedRevision, returnCurrent, requestId, at, storeNulls);
  }

  /// Null is stored by a `merge`, instead of removing the member.
  public WriteOptions storingNulls() {
    return new WriteOptions(expectedRevision, returnCurrent, requestId, expiresAt, true);
  }
}
