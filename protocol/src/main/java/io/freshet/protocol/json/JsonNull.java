// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

/// The JSON `null`.
public enum JsonNull implements JsonValue {
  NULL;

  @Override
  public int encodedBytes() {
    return 4;
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
