// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

/// WebSocket frames as clients send them, each masked with another key: a server must not be able
/// to skip unmasking. Owned by one thread.
final class FrameWriter {
  static final int HEADER_BYTES_MAX = 14;

  private int mask = 0x5bd1e995;

  /// A whole frame behind what a connection has not sent yet.
  void append(OutBuffer out, int opcode, byte[] payload, int from, int to) {
    int size = to - from;
    int at = out.reserve(size + HEADER_BYTES_MAX);
    byte[] bytes = out.bytes();
    int start = putHeader(bytes, at, opcode, size);
    System.arraycopy(payload, from, bytes, start, size);
    mask(bytes, start, start + size);
    out.wrote(start + size);
  }

  /// The header; the payload has to be [#mask]ed before the next one.
  int putHeader(byte[] bytes, int at, int opcode, int payload) {
    int next = putLength(bytes, at, opcode, payload, 0x80);
    mask ^= mask << 13;
    mask ^= mask >>> 17;
    mask ^= mask << 5;
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes[next++] = (byte) (mask >>> shift);
    }
    return next;
  }

  void mask(byte[] bytes, int from, int to) {
    int key = mask;
    for (int i = from; i < to; i++) {
      key = Integer.rotateLeft(key, 8);
      bytes[i] ^= (byte) key;
    }
  }

  /// The header as servers send it.
  static int putUnmasked(byte[] bytes, int at, int opcode, int payload) {
    return putLength(bytes, at, opcode, payload, 0);
  }

  private static int putLength(byte[] bytes, int at, int opcode, int payload, int maskBit) {
    int next = at;
    bytes[next++] = (byte) (0x80 | opcode);
    if (payload < 126) {
      bytes[next++] = (byte) (maskBit | payload);
    } else if (payload < 65536) {
      bytes[next++] = (byte) (maskBit | 126);
      bytes[next++] = (byte) (payload >>> 8);
      bytes[next++] = (byte) payload;
    } else {
      bytes[next++] = (byte) (maskBit | 127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        bytes[next++] = (byte) ((long) payload >>> shift);
      }
    }
    return next;
  }
}
