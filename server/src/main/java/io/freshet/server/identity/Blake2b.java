// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// The hash BLAKE2b without a key (RFC 7693), which the JDK lacks and [Argon2] is made of.
/// Stateless.
final class Blake2b {
  static final int BYTES_MAX = 64;
  private static final int BLOCK_BYTES = 128;
  private static final int WORDS = 16;

  private static final long[] START = {
    0x6a09e667f3bcc908L,
    0xbb67ae8584caa73bL,
    0x3c6ef372fe94f82bL,
    0xa54ff53a5f1d36f1L,
    0x510e527fade682d1L,
    0x9b05688c2b3e6c1fL,
    0x1f83d9abfb41bd6bL,
    0x5be0cd19137e2179L
  };

  /// Per round the order in which the words of a block are mixed in, as hexadecimal digits.
  private static final String[] ORDERS = {
    "0123456789abcdef",
    "ea489fd61c02b753",
    "b8c052fdae367194",
    "7931dcbe265a40f8",
    "905724afe1bc683d",
    "2c6a0b834d75fe19",
    "c51fed4a0763928b",
    "db7ec13950f4862a",
    "6fe9b308c2d714a5",
    "a2847615fb9e3cd0",
    "0123456789abcdef",
    "ea489fd61c02b753"
  };

  private Blake2b() {}

  /// @param length of the hash, 1 to 64 bytes
  /// @param parts hashed as if they were one
  static byte[] hash(int length, byte[]... parts) {
    ByteBuffer input = padded(parts);
    int bytes = input.position();
    input.clear();
    long[] state = START.clone();
    state[0] ^= 0x01010000L ^ length;
    while (input.hasRemaining()) {
      int end = Math.min(input.position() + BLOCK_BYTES, bytes);
      compress(state, input, end, input.remaining() == BLOCK_BYTES);
    }
    ByteBuffer hash = ByteBuffer.allocate(BYTES_MAX).order(ByteOrder.LITTLE_ENDIAN);
    for (long word : state) {
      hash.putLong(word);
    }
    return Arrays.copyOf(hash.array(), length);
  }

  /// All of it, with zeros up to whole blocks, at least one.
  private static ByteBuffer padded(byte[][] parts) {
    int bytes = 0;
    for (byte[] part : parts) {
      bytes += part.length;
    }
    int blocks = Math.max(1, Math.ceilDiv(bytes, BLOCK_BYTES));
    ByteBuffer input = ByteBuffer.allocate(blocks * BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (byte[] part : parts) {
      input.put(part);
    }
    return input;
  }

  /// @param end how many bytes of the input have been hashed after this block
  private static void compress(long[] state, ByteBuffer input, int end, boolean last) {
    var block = new long[WORDS];
    for (int i = 0; i < WORDS; i++) {
      block[i] = input.getLong();
    }
    var work = new long[WORDS];
    System.arraycopy(state, 0, work, 0, state.length);
    System.arraycopy(START, 0, work, state.length, START.length);
    work[12] ^= end;
    work[14] ^= last ? -1 : 0;
    for (String order : ORDERS) {
      for (int i = 0; i < WORDS; i += 2) {
        long first = block[Character.digit(order.charAt(i), 16)];
        long second = block[Character.digit(order.charAt(i + 1), 16)];
        mix(work, i / 2, first, second);
      }
    }
    for (int i = 0; i < state.length; i++) {
      state[i] ^= work[i] ^ work[i + state.length];
    }
  }

  /// Mixes two words in.
  ///
  /// @param step the first four take the columns of the 4 × 4 words, the last four the diagonals
  private static void mix(long[] v, int step, long first, long second) {
    int shift = step / 4;
    int a = step % 4;
    int b = 4 + (a + shift) % 4;
    int c = 8 + (a + 2 * shift) % 4;
    int d = 12 + (a + 3 * shift) % 4;
    v[a] += v[b] + first;
    v[d] = Long.rotateRight(v[d] ^ v[a], 32);
    v[c] += v[d];
    v[b] = Long.rotateRight(v[b] ^ v[c], 24);
    v[a] += v[b] + second;
    v[d] = Long.rotateRight(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = Long.rotateRight(v[b] ^ v[c], 63);
  }
}
