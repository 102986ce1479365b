// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;

/// Bytes of one connection that are not on their way yet. Bounded by the driver's own windows: what
/// a connection may have outstanding is all that can pile up here.
final class OutBuffer {
  private static final int INITIAL = 256;

  private byte[] bytes = new byte[INITIAL];
  private int from;
  private int to;

  boolean isEmpty() {
    return from == to;
  }

  byte[] bytes() {
    return bytes;
  }

  /// Makes room for `count` bytes and answers where they go; [#wrote] says where they ended.
  int reserve(int count) {
    if (from == to) {
      from = 0;
      to = 0;
    }
    if (bytes.length - to < count) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, to + count));
    }
    return to;
  }

  void wrote(int end) {
    to = end;
  }

  void append(byte[] more) {
    int at = reserve(more.length);
    System.arraycopy(more, 0, bytes, at, more.length);
    wrote(at + more.length);
  }

  /// What is in here, for writing it to many channels; valid until the next change.
  ByteBuffer view() {
    return ByteBuffer.wrap(bytes, from, to - from);
  }

  void append(ByteBuffer more) {
    int count = more.remaining();
    int at = reserve(count);
    more.get(bytes, at, count);
    wrote(at + count);
  }

  void clear() {
    from = 0;
    to = 0;
  }

  /// True when everything is written. Large buffers of a set-up phase are given back.
  boolean drainTo(WritableByteChannel channel) throws IOException {
    from += channel.write(ByteBuffer.wrap(bytes, from, to - from));
    if (from < to) {
      return false;
    }
    from = 0;
    to = 0;
    if (bytes.length > 65536) {
      bytes = new byte[INITIAL];
    }
    return true;
  }
}
