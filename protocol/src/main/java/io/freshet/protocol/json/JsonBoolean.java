// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

/// The JSON `true` and `false`.
public enum JsonBoolean implements JsonValue {
  TRUE(4),
  FALSE(5);

  private final int encodedBytes;

  JsonBoolean(int encodedBytes) {
    this.encodedBytes = encodedBytes;
  }

  public static JsonBoolean of(boolean value) {
    return value ? TRUE : FALSE;
  }

  @Override
  public int encodedBytes() {
    return encodedBytes;
  }

  @Override
  public int members() {
    return 0;
  }

  @Override
  public int depth() {
    return 0;
  }
}
