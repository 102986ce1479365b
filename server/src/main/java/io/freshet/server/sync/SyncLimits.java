// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonValue;

/// Bounds on what is asked of the documents face.
///
/// @param document of every document, and of what is merged into one
/// @param operationsMax most operations of one mutation
public record SyncLimits(JsonLimits document, int operationsMax) {
  /// Documents or changes in one answer, unless asked otherwise.
  static final int PAGE = 100;

  static final int PAGE_MAX = 1000;

  /// Documents in one batch.
  static final int BATCH_MAX = 100;

  private static final int FRAMING_BYTES = 64 << 10;
  private static final int BATCH_BYTES_MAX = 16 << 20;
  private static final int BATCH_MEMBERS_MAX = 1_000_000;

  /// Members a request has beside its document.
  private static final int FRAMING_MEMBERS = 64;

  public SyncLimits {
    if (operationsMax < 1) {
      throw new IllegalArgumentException("operationsMax out of bounds");
    }
  }

  /// Refuses what a document may not hold: a request may be larger than the documents in it.
  ///
  /// @throws FreshetException `DOCUMENT_TOO_LARGE` or `TOO_DEEP`
  void check(JsonValue data) {
    if (data.encodedBytes() > document.bytesMax() || data.members() > document.membersMax()) {
      throw new FreshetException(
          ErrorCode.DOCUMENT_TOO_LARGE,
          "The data exceeds %d bytes or %d members"
              .formatted(document.bytesMax(), document.membersMax()));
    }
    if (data.depth() > document.depthMax()) {
      throw new FreshetException(
          ErrorCode.TOO_DEEP,
          "The data is nested deeper than %d levels".formatted(document.depthMax()));
    }
  }

  /// Of the text of a request about one document.
  ///
  /// @param levels of containers around the document
  public JsonLimits request(int levels) {
    return new JsonLimits(
        document.bytesMax() + FRAMING_BYTES,
        document.depthMax() + levels,
        document.membersMax() + FRAMING_MEMBERS);
  }

  /// Of the text of a request about several documents.
  ///
  /// @param levels of containers around each document
  public JsonLimits batch(int levels) {
    return new JsonLimits(
        Math.max(BATCH_BYTES_MAX, document.bytesMax() + FRAMING_BYTES),
        document.depthMax() + levels,
        Math.max(BATCH_MEMBERS_MAX, document.membersMax() + BATCH_MAX * FRAMING_MEMBERS));
  }
}
