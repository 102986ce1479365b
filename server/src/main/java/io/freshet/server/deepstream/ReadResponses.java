// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.protocol.Document;
import io.freshet.server.deepstream.wire.FrameWriter;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import org.jspecify.annotations.Nullable;

/// READ_RESPONSE frames of recently read documents, so that reading a document again costs a copy
/// of bytes and no encoding. A document's new revision takes the place of its old one.
///
/// Threading: confined to one event loop.
final class ReadResponses {
  private static final int SLOTS = 1024;
  private static final int BYTES_MAX = 8 << 20;

  private final @Nullable Entry[] slots = new @Nullable Entry[SLOTS];
  private int bytes;

  private static final class Entry {
    private final Document document;
    private final byte[] frame;

    Entry(Document document, byte[] frame) {
      this.document = document;
      this.frame = frame;
    }
  }

  /// The frame for this state. Not to be modified.
  @SuppressWarnings("ReferenceEquality") // comparing states by value would cost what it saves
  byte[] frame(Document document, FrameWriter out) {
    int slot = slot(document);
    Entry entry = slots[slot];
    if (entry != null && entry.document == document) {
      return entry.frame;
    }
    write(document, out);
    byte[] frame = out.toArray();
    keep(slot, new Entry(document, frame));
    return frame;
  }

  /// Writes the frame for a state that is not worth keeping.
  static void write(Document document, FrameWriter out) {
    RecordMessage.of(RecordAction.READ_RESPONSE)
        .name(document.key().recordName())
        .version(ChangeFrames.version(document.revision()))
        .data(document.data())
        .writeTo(out);
  }

  private static int slot(Document document) {
    int hash = document.key().hashCode();
    return (hash ^ hash >>> 10 ^ hash >>> 20) & SLOTS - 1;
  }

  private void keep(int slot, Entry entry) {
    drop(slot);
    if (entry.frame.length > BYTES_MAX / 4) {
      return;
    }
    for (int i = 1; bytes + entry.frame.length > BYTES_MAX; i++) {
      drop(slot + i & SLOTS - 1);
    }
    slots[slot] = entry;
    bytes += entry.frame.length;
  }

  private void drop(int slot) {
    Entry entry = slots[slot];
    if (entry != null) {
      bytes -= entry.frame.length;
      slots[slot] = null;
    }
  }
}
