// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import java.util.random.RandomGenerator;

/// Ids for documents whose writer names none: `doc_` and 100 random bits, so that nobody guesses
/// one and no two are the same.
///
/// Threading: as the source of randomness.
public final class DocumentIds {
  private static final String PREFIX = "doc_";
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
  private static final int CHARACTERS = 20;

  private final RandomGenerator random;

  /// @param random cryptographically strong
  public DocumentIds(RandomGenerator random) {
    this.random = random;
  }

  String next() {
    var bytes = new byte[CHARACTERS];
    random.nextBytes(bytes);
    var id = new StringBuilder(PREFIX);
    for (byte each : bytes) {
      id.append(ALPHABET.charAt(each & ALPHABET.length() - 1));
    }
    return id.toString();
  }
}
