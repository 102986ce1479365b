// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.pattern;

import java.util.Arrays;

/// A set of Unicode code points, as ascending ranges that do not touch: first and last of each.
final class CodePoints {
  static final CodePoints NONE = new CodePoints(new int[0]);
  static final CodePoints DIGIT = of('0', '9');
  static final CodePoints WORD = of('0', '9', 'A', 'Z', '_', '_', 'a', 'z');

  /// White space and line ends as JavaScript has them.
  static final CodePoints SPACE =
      of(
          0x09, 0x0D, ' ', ' ', 0xA0, 0xA0, 0x1680, 0x1680, 0x2000, 0x200A, 0x2028, 0x2029, 0x202F,
          0x202F, 0x205F, 0x205F, 0x3000, 0x3000, 0xFEFF, 0xFEFF);

  /// What a dot does not match.
  static final CodePoints LINE_END = of('\n', '\n', '\r', '\r', 0x2028, 0x2029);

  private final int[] ranges;

  private CodePoints(int[] ranges) {
    this.ranges = ranges;
  }

  private static CodePoints of(int... ranges) {
    return new CodePoints(ranges);
  }

  static CodePoints single(int codePoint) {
    return of(codePoint, codePoint);
  }

  static CodePoints range(int first, int last) {
    return of(first, last);
  }

  CodePoints or(CodePoints other) {
    int pairs = (ranges.length + other.ranges.length) / 2;
    var sorted = new long[pairs];
    for (int i = 0; i < pairs; i++) {
      boolean own = 2 * i < ranges.length;
      int[] from = own ? ranges : other.ranges;
      int at = own ? 2 * i : 2 * i - ranges.length;
      sorted[i] = (long) from[at] << 32 | from[at + 1];
    }
    Arrays.sort(sorted);
    var merged = new int[2 * pairs];
    int to = 0;
    for (long pair : sorted) {
      int first = (int) (pair >> 32);
      int last = (int) pair;
      if (to > 0 && first <= merged[to - 1] + 1) {
        merged[to - 1] = Math.max(merged[to - 1], last);
      } else {
        merged[to++] = first;
        merged[to++] = last;
      }
    }
    return new CodePoints(Arrays.copyOf(merged, to));
  }

  CodePoints complement() {
    var result = new int[ranges.length + 2];
    int to = 0;
    int next = 0;
    for (int i = 0; i < ranges.length; i += 2) {
      if (next < ranges[i]) {
        result[to++] = next;
        result[to++] = ranges[i] - 1;
      }
      next = ranges[i + 1] + 1;
    }
    if (next <= Character.MAX_CODE_POINT) {
      result[to++] = next;
      result[to++] = Character.MAX_CODE_POINT;
    }
    return new CodePoints(Arrays.copyOf(result, to));
  }

  boolean contains(int codePoint) {
    int low = 0;
    int high = ranges.length / 2 - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (codePoint < ranges[2 * middle]) {
        high = middle - 1;
      } else if (codePoint > ranges[2 * middle + 1]) {
        low = middle + 1;
      } else {
        return true;
      }
    }
    return false;
  }

  boolean isEmpty() {
    return ranges.length == 0;
  }

  /// The only member, or -1 when there is not exactly one.
  int only() {
    return ranges.length == 2 && ranges[0] == ranges[1] ? ranges[0] : -1;
  }

  /// As a class in RE2's syntax.
  String render() {
    if (isEmpty()) {
      return "[^\\x00-\\x{10FFFF}]";
    }
    var text = new StringBuilder("[");
    for (int i = 0; i < ranges.length; i += 2) {
      text.append("\\x{").append(Integer.toHexString(ranges[i])).append('}');
      if (ranges[i + 1] != ranges[i]) {
        text.append("-\\x{").append(Integer.toHexString(ranges[i + 1])).append('}');
      }
    }
    return text.append(']').toString();
  }
}
