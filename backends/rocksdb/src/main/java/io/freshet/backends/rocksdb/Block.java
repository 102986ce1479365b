// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The changes of one collection in one commit, as they are stored: a header, then the entries in
/// offset order. Their offsets need not be contiguous, since other collections wrote in between.
///
/// Used by one thread.
final class Block {
  private static final int FORMAT = 1;
  private static final int HEADER_BYTES = 29;

  private final String collection;
  private final byte[] bytes;
  private final long epoch;
  private final int tag;
  private final long timeMs;
  private final long firstOffset;
  private final long lastOffset;
  private final int count;

  // Where the last search ended. Entries are mostly looked for in their order.
  private int passed;
  private long passedOffset;
  private int at = HEADER_BYTES;

  /// @param lastOffset what its key ends with: its entries come up to there
  Block(String collection, long lastOffset, byte[] bytes) {
    this.collection = collection;
    this.lastOffset = lastOffset;
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

  int bytes() {
    return bytes.length;
  }

  /// Whether an entry of the collection at that offset can only be here.
  boolean covers(String ofCollection, long offset) {
    return offset >= firstOffset && offset <= lastOffset && collection.equals(ofCollection);
  }

  List<ChangeEntry> entries() {
    return entries(firstOffset, count);
  }

  /// Its entries from an offset on, as many as are wanted.
  List<ChangeEntry> entries(long from, int max) {
    ByteReader in = seek(from);
    int wanted = Math.min(max, count - passed);
    var entries = new ArrayList<ChangeEntry>(wanted);
    for (int i = 0; i < wanted; i++) {
      entries.add(ChangeEntry.read(collection, firstOffset, bytes, in));
    }
    return entries;
  }

  /// The entry at an offset, or null when the block has none.
  @Nullable ChangeEntry find(long offset) {
    ByteReader in = seek(offset);
    if (passed == count) {
      return null;
    }
    ChangeEntry entry = ChangeEntry.read(collection, firstOffset, bytes, in);
    return entry.offset() == offset ? entry : null;
  }

  /// A reader of the entries at an offset and behind it; `passed` are before it.
  private ByteReader seek(long offset) {
    if (offset <= passedOffset) {
      passed = 0;
      passedOffset = 0;
      at = HEADER_BYTES;
    }
    var in = new ByteReader(bytes, at, bytes.length);
    while (passed < count) {
      int length = in.fixed32();
      int start = in.at();
      long found = firstOffset + in.varint();
      if (found >= offset) {
        break;
      }
      in.skip(length - (in.at() - start));
      at = in.at();
      passedOffset = found;
      passed++;
    }
    return new ByteReader(bytes, at, bytes.length);
  }
}
