// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.util.Collection;
import java.util.Comparator;

/// Finds the name somebody meant. Stateless.
final class Names {
  private Names() {}

  /// The candidate with the fewest edits to the given name; of equals, the first in order.
  static String nearest(String name, Collection<String> candidates) {
    return candidates.stream()
        .min(
            Comparator.<String>comparingInt(candidate -> distance(name, candidate))
                .thenComparing(Comparator.naturalOrder()))
        .orElseThrow();
  }

  /// How many letters must be put in, taken out, changed or swapped with their neighbour to turn
  /// one name into the other, upper and lower case being the same.
  static int distance(String from, String to) {
    String a = from.toLowerCase(java.util.Locale.ROOT);
    String b = to.toLowerCase(java.util.Locale.ROOT);
    int[][] edits = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        edits[i][j] = i == 0 || j == 0 ? i + j : edits(a, b, i, j, edits);
      }
    }
    return edits[a.length()][b.length()];
  }

  private static int edits(String a, String b, int i, int j, int[][] edits) {
    boolean same = a.charAt(i - 1) == b.charAt(j - 1);
    int best =
        Math.min(
            edits[i - 1][j - 1] + (same ? 0 : 1), Math.min(edits[i - 1][j], edits[i][j - 1]) + 1);
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(best, edits[i - 2][j - 2] + 1) : best;
  }
}
