// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The changes of one collection in one commit, as they are stored: a header, then the entries in
/// offset order. Their offsets need not be contiguous, since other collections wrote in between.
final class Block {
  private static final int FORMAT = 1;
  private static final int HEADER_BYTES = 29;

  private final String collection;
  private final byte[] bytes;
  private final long epoch;
  private final int tag;
  private final long timeMs;
  private final long firstOffset;
  private final int count;

  Block(String collection, byte[] bytes) {
    this.collection = collection;
    this.bytes = bytes;
    var in = new ByteReader(bytes);
    if (in.u8() != FORMAT) {
      throw Refusals.malformed("a block of changes has an unknown format");
    }
    epoch = in.fixed32();
    tag = in.fixed32();
    timeMs = in.fixed64();
    firstOffset = in.fixed64();
    count = in.fixed32();
  }

  /// Begins a block in an empty writer.
  static void writeHeader(ByteWriter out, LogTail tail, long timeMs, long firstOffset) {
    out.u8(FORMAT);
    out.fixed32((int) tail.epoch());
    out.fixed32(tail.tag());
    out.fixed64(timeMs);
    out.fixed64(firstOffset);
    out.fixed32(0);
  }

  static void setCount(ByteWriter out, int count) {
    out.setFixed32(HEADER_BYTES - 4, count);
  }

  long epoch() {
    return epoch;
  }

  int tag() {
    return tag;
  }

  long timeMs() {
    return timeMs;
  }

  List<ChangeEntry> entries() {
    var entries = new ArrayList<ChangeEntry>(count);
    var in = entriesReader();
    for (int i = 0; i < count; i++) {
      entries.add(ChangeEntry.read(collection, firstOffset, bytes, in));
    }
    return entries;
  }

  /// The entry at an offset, or null when the block has none.
  @Nullable ChangeEntry find(long offset) {
    var in = entriesReader();
    for (int i = 0; i < count; i++) {
      int length = in.fixed32();
      int start = in.at();
      long found = firstOffset + in.varint();
      if (found == offset) {
        var again = new ByteReader(bytes, start - 4, bytes.length);
        return ChangeEntry.read(collection, firstOffset, bytes, again);
      }
      in.skip(length - (in.at() - start));
    }
    return null;
  }

  private ByteReader entriesReader() {
    return new ByteReader(bytes, HEADER_BYTES, bytes.length);
  }
}
