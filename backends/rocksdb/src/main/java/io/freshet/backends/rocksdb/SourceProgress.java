// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import org.jspecify.annotations.Nullable;

/// How far a source had told when its log ended at some offset, and what was true before that. A
/// failed commit may leave the last one behind although its changes are cut off ([FailureMark]);
/// then the one before still holds.
///
/// @param head the log's end with it
/// @param text the source's own words; null for never
/// @param formerHead the log's end with the former one
record SourceProgress(
    long head, @Nullable String text, long formerHead, @Nullable String formerText) {
  static final SourceProgress NONE = new SourceProgress(0, null, 0, null);

  private static final int FORMAT = 1;

  SourceProgress next(long newHead, String newText) {
    return new SourceProgress(newHead, newText, head, text);
  }

  /// What holds of a log that ends there.
  SourceProgress at(long end) {
    return head <= end ? this : new SourceProgress(formerHead, formerText, formerHead, formerText);
  }

  ByteWriter encode() {
    var out = new ByteWriter(256);
    out.u8(FORMAT);
    write(out, head, text);
    write(out, formerHead, formerText);
    return out;
  }

  private static void write(ByteWriter out, long head, @Nullable String text) {
    out.varint(head);
    out.u8(text == null ? 0 : 1);
    if (text != null) {
      out.text(text);
    }
  }

  static SourceProgress decode(byte[] value) {
    var in = new ByteReader(value);
    if (in.u8() != FORMAT) {
      throw Refusals.malformed("the progress of a source has an unknown format");
    }
    long head = in.varint();
    String text = in.u8() == 0 ? null : in.text();
    long formerHead = in.varint();
    String formerText = in.u8() == 0 ? null : in.text();
    return new SourceProgress(head, text, formerHead, formerText);
  }
}
