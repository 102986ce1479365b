// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

import io.freshet.protocol.DocumentKey;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Recently used record names: a client names the same records again and again, and neither the
/// text nor its split into a key has to be made anew. Only short names in ASCII are kept.
///
/// Threading: confined to one event loop.
public final class NameCache {
  private static final int SLOTS = 2048;
  private static final int BYTES_MAX = 96;

  private final @Nullable Entry[] slots = new @Nullable Entry[SLOTS];

  private static final class Entry {
    private final byte[] ascii;
    private final String name;

    /// Null until asked for.
    private @Nullable DocumentKey key;

    Entry(byte[] ascii, String name) {
      this.ascii = ascii;
      this.name = name;
    }
  }

  /// Takes a length-delimited value as text; the same text is usually the same object.
  public String text(WireReader in) {
    Slice slice = in.slice();
    int hash = asciiHash(slice);
    if (hash == 0) {
      return slice.text();
    }
    int slot = slot(hash);
    Entry entry = slots[slot];
    if (entry != null && slice.holds(entry.ascii)) {
      return entry.name;
    }
    String name = slice.text();
    int from = slice.from();
    slots[slot] = new Entry(Arrays.copyOfRange(slice.bytes(), from, from + slice.length()), name);
    return name;
  }

  /// The document of a record name.
  ///
  /// @throws io.freshet.protocol.error.FreshetException as [DocumentKey#ofRecordName]
  @SuppressWarnings("ReferenceEquality") // only what came from here is found here
  public DocumentKey key(String name) {
    Entry entry = slots[slot(name.hashCode())];
    if (entry == null || entry.name != name) {
      return DocumentKey.ofRecordName(name);
    }
    DocumentKey key = entry.key;
    if (key == null) {
      key = DocumentKey.ofRecordName(name);
      entry.key = key;
    }
    return key;
  }

  /// What [String#hashCode] is for these bytes; 0 when they are not to be kept.
  private static int asciiHash(Slice slice) {
    if (slice.length() > BYTES_MAX) {
      return 0;
    }
    byte[] bytes = slice.bytes();
    int end = slice.from() + slice.length();
    int hash = 0;
    int signs = 0;
    for (int i = slice.from(); i < end; i++) {
      hash = 31 * hash + bytes[i];
      signs |= bytes[i];
    }
    return signs < 0 ? 0 : hash;
  }

  private static int slot(int hash) {
    return (hash ^ hash >>> 11 ^ hash >>> 22) & SLOTS - 1;
  }
}
