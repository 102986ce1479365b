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
/// @param hasRequests whether a repetition of one of them is recognised
record BatchInfo(
    int count, long timeMs, long bytes, List<Integer> collections, boolean hasRequests) {
  /// Stands among the collections, which are numbered from 1.
  private static final int REQUESTS = 0;

  void encode(ByteWriter out) {
    out.varint(count);
    out.varint(timeMs);
    out.varint(bytes);
    collections.forEach(number -> out.varint(number));
    if (hasRequests) {
      out.varint(REQUESTS);
    }
  }

  static BatchInfo decode(byte[] value) {
    var in = new ByteReader(value);
    int count = (int) in.varint();
    long timeMs = in.varint();
    long bytes = in.varint();
    var collections = new ArrayList<Integer>();
    boolean hasRequests = false;
    while (in.remaining() > 0) {
      int number = (int) in.varint();
      if (number == REQUESTS) {
        hasRequests = true;
      } else {
        collections.add(number);
      }
    }
    return new BatchInfo(count, timeMs, bytes, collections, hasRequests);
  }
}
