// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

/// Cuts what a socket delivered into WebSocket frames: many per read, the last one perhaps partial.
/// Nothing is copied; the sink gets ranges of the buffer.
final class FrameReader {
  private FrameReader() {}

  /// Takes whole frames out of the read buffer.
  interface Sink {
    void frame(int opcode, byte[] bytes, int from, int to);
  }

  /// Answers where the first incomplete frame begins, `to` if there is none. A server frame that is
  /// masked, fragmented or uses reserved bits voids the run.
  static int read(byte[] bytes, int from, int to, Sink sink) {
    int at = from;
    while (to - at >= 2) {
      int first = bytes[at] & 0xff;
      int second = bytes[at + 1] & 0xff;
      if ((first & 0xf0) != 0x80 || (second & 0x80) != 0) {
        throw new LoadException("frame header %02x %02x".formatted(first, second));
      }
      int header = second < 126 ? 2 : second == 126 ? 4 : 10;
      if (to - at < header) {
        return at;
      }
      long size = second;
      if (second >= 126) {
        size = 0;
        for (int i = at + 2; i < at + header; i++) {
          size = (size << 8) | (bytes[i] & 0xff);
        }
      }
      if (size < 0 || size > Integer.MAX_VALUE / 2) {
        throw new LoadException("frame of " + size + " bytes");
      }
      if (to - at - header < size) {
        return at;
      }
      int start = at + header;
      at = start + (int) size;
      sink.frame(first & 0x0f, bytes, start, at);
    }
    return at;
  }
}
