// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import java.util.ArrayList;
import java.util.List;

/// What one commit put into one log: the value of the `batches` family.
///
/// @param count how many changes; the key has the offset of the last
/// @param timeMs of all of them
/// @param bytes of their blocks, as encoded
/// @param collections numbers of those with a block
record BatchInfo(int count, long timeMs, long bytes, List<Integer> collections) {

  void encode(ByteWriter out) {
    out.varint(count);
    out.varint(timeMs);
    out.varint(bytes);
    collections.forEach(number -> out.varint(number));
  }

  static BatchInfo decode(byte[] value) {
    var in = new ByteReader(value);
    int count = (int) in.varint();
    long timeMs = in.varint();
    long bytes = in.varint();
    var collections = new ArrayList<Integer>();
    while (in.remaining() > 0) {
      collections.add((int) in.varint());
    }
    return new BatchInfo(count, timeMs, bytes, collections);
  }
}
