// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

/// The values of one row in a message: where each stands in its bytes. It belongs to the decoder,
/// which fills it anew with the next message.
final class Tuple {
  static final byte NULL = 'n';
  static final byte UNCHANGED = 'u';
  static final byte TEXT = 't';

  private byte[] bytes = {};
  private byte[] kinds = new byte[16];
  private int[] offsets = new int[16];
  private int[] lengths = new int[16];
  private int size;

  void begin(byte[] message, int columns) {
    bytes = message;
    size = columns;
    if (kinds.length < columns) {
      kinds = new byte[columns];
      offsets = new int[columns];
      lengths = new int[columns];
    }
  }

  void set(int column, byte kind, int offset, int length) {
    kinds[column] = kind;
    offsets[column] = offset;
    lengths[column] = length;
  }

  int size() {
    return size;
  }

  byte kind(int column) {
    return kinds[column];
  }

  /// What [#offset] counts in.
  byte[] bytes() {
    return bytes;
  }

  int offset(int column) {
    return offsets[column];
  }

  int length(int column) {
    return lengths[column];
  }
}
