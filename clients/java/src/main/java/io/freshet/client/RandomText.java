// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.random.RandomGenerator;

/// Names that nobody else chooses.
final class RandomText {
  private static final int BASE = 36;

  private RandomText() {}

  static String of(RandomGenerator random, int characters) {
    var text = new StringBuilder(characters);
    for (int i = 0; i < characters; i++) {
      text.append(Character.forDigit(random.nextInt(BASE), BASE));
    }
    return text.toString();
  }
}
