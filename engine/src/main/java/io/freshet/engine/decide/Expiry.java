// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.decide;

import io.freshet.protocol.Document;

/// What a document is at a moment, whether or not its expiry has been written yet.
public final class Expiry {
  private Expiry() {}

  /// The document itself, or the tombstone that its expiry makes of it.
  public static Document asOf(Document document, long nowMs) {
    return document.isExpired(nowMs) ? expired(document) : document;
  }

  /// A tombstone that keeps the data.
  static Document expired(Document document) {
    return Decider.tombstone(document, document.data());
  }
}
