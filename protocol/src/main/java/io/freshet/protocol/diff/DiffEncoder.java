// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.diff;

import io.freshet.protocol.json.JsonValue;

/// Writes diffs as JSON: `{"added":{path:value},"removed":{path:value},
/// "changed":{path:{"from":…,"to":…}}}`, always with all three members.
///
/// @param oldBytesMax above this many encoded bytes, `from` is left out and `"fromOmitted":true`
///   stands beside `to`; a removed value becomes `{"$omitted":bytes}`. Nobody needs them to follow
public record DiffEncoder(int oldBytesMax) {
  /// Old values are always written.
  public static final DiffEncoder WHOLE = new DiffEncoder(Integer.MAX_VALUE);

  /// Old values up to 4 KiB are written (Sync contract 5.1, 11).
  public static final DiffEncoder SHORT = new DiffEncoder(4096);

  /// Length of the encoding, known without encoding.
  public int encodedBytes(Diff diff) {
    return notYet();
  }

  /// Writes the encoding at `at` and returns the place after it. The target must have room for
  /// [#encodedBytes] bytes.
  public int write(Diff diff, byte[] target, int at) {
    return notYet();
  }

  public byte[] encode(Diff diff) {
    var target = new byte[encodedBytes(diff)];
    write(diff, target, 0);
    return target;
  }

  /// The same as a value.
  public JsonValue toJson(Diff diff) {
    return notYet();
  }

  @SuppressWarnings("TypeParameterUnusedInFormals")
  private static <T> T notYet() {
    throw new UnsupportedOperationException();
  }
}
