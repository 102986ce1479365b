// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Argon2id, version 19 (RFC 9106), in memory that is used again.
///
/// A hash fills about 20 MiB on purpose. Taken anew for each login it is garbage that the collector
/// copies while it is in use and then has to find: with a thousand logins at once everybody waited
/// for collections most of the time. So a thread that hashes keeps its memory until it ends.
///
/// Threading: an instance serves one hash, on one thread, whatever the number of lanes.
final class Argon2 {
  private static final int VERSION = 0x13;
  private static final int TYPE_ID = 2;
  private static final int SLICES = 4;
  private static final int BLOCK_BYTES = 1024;

  /// Longs of a block.
  private static final int BLOCK = BLOCK_BYTES / Long.BYTES;

  private static final long LOW = 0xFFFF_FFFFL;
  private static final long[] ZEROS = new long[BLOCK];
  private static final ThreadLocal<long[]> KEPT = ThreadLocal.withInitial(() -> new long[0]);

  private final Cost cost;
  private final int sliceBlocks;
  private final int laneBlocks;

  /// The lanes one after the other, each of whole blocks.
  private final long[] memory;

  private final long[] joined = new long[BLOCK];
  private final long[] mixed = new long[BLOCK];
  private final long[] counter = new long[BLOCK];
  private final long[] addresses = new long[BLOCK];

  /// @param memoryKib at least eight per lane
  record Cost(int memoryKib, int passes, int lanes) {
    Cost {
      if (lanes < 1 || passes < 1 || memoryKib < 2 * SLICES * lanes) {
        throw new IllegalArgumentException("at least a pass, a lane, and 8 KiB for each lane");
      }
    }
  }

  private Argon2(Cost cost) {
    this.cost = cost;
    this.sliceBlocks = cost.memoryKib / (SLICES * cost.lanes);
    this.laneBlocks = SLICES * sliceBlocks;
    this.memory = memory(laneBlocks * cost.lanes * BLOCK);
  }

  private static long[] memory(int longs) {
    long[] kept = KEPT.get();
    if (kept.length < longs) {
      KEPT.remove(); // or both would be held while the new one is made
      kept = new long[longs];
      KEPT.set(kept);
    }
    return kept;
  }

  /// @param length of the hash, at least 4 bytes
  static byte[] hash(byte[] password, byte[] salt, Cost cost, int length) {
    var argon = new Argon2(cost);
    argon.begin(password, salt, length);
    for (int pass = 0; pass < cost.passes; pass++) {
      for (int slice = 0; slice < SLICES; slice++) {
        for (int lane = 0; lane < cost.lanes; lane++) {
          argon.fill(pass, slice, lane);
        }
      }
    }
    return argon.end(length);
  }

  /// Makes the first two blocks of each lane.
  private void begin(byte[] password, byte[] salt, int length) {
    byte[] numbers =
        numbers(cost.lanes, length, cost.memoryKib, cost.passes, VERSION, TYPE_ID, password.length);
    byte[] neitherSecretNorData = numbers(0, 0);
    byte[] start =
        Blake2b.hash(
            Blake2b.BYTES_MAX, numbers, password, numbers(salt.length), salt, neitherSecretNorData);
    for (int lane = 0; lane < cost.lanes; lane++) {
      for (int column = 0; column < 2; column++) {
        ByteBuffer block = ByteBuffer.wrap(stretched(BLOCK_BYTES, start, numbers(column, lane)));
        block.order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(memory, at(lane, column), BLOCK);
      }
    }
  }

  private static byte[] numbers(int... numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Integer.BYTES);
    bytes.order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().put(numbers);
    return bytes.array();
  }

  /// A hash of any length (RFC 9106, section 3.3).
  private static byte[] stretched(int length, byte[]... parts) {
    byte[][] all = new byte[parts.length + 1][];
    all[0] = numbers(length);
    System.arraycopy(parts, 0, all, 1, parts.length);
    if (length <= Blake2b.BYTES_MAX) {
      return Blake2b.hash(length, all);
    }
    ByteBuffer result = ByteBuffer.allocate(length);
    byte[] part = Blake2b.hash(Blake2b.BYTES_MAX, all);
    while (result.remaining() > Blake2b.BYTES_MAX) {
      result.put(part, 0, Blake2b.BYTES_MAX / 2);
      part = Blake2b.hash(Math.min(Blake2b.BYTES_MAX, result.remaining()), part);
    }
    return result.put(part).array();
  }

  /// Where a block begins.
  private int at(int lane, int column) {
    return (lane * laneBlocks + column) * BLOCK;
  }

  /// One slice of one lane in one pass. In its first half a hash looks at places that do not depend
  /// on the password, so that they tell nothing about it.
  private void fill(int pass, int slice, int lane) {
    boolean independent = pass == 0 && slice < SLICES / 2;
    int first = pass == 0 && slice == 0 ? 2 : 0;
    if (independent) {
      beginAddresses(pass, lane, slice);
    }
    for (int i = first; i < sliceBlocks; i++) {
      int column = slice * sliceBlocks + i;
      int previous = at(lane, column == 0 ? laneBlocks - 1 : column - 1);
      if (independent && (i == first || i % BLOCK == 0)) {
        nextAddresses();
      }
      long random = independent ? addresses[i % BLOCK] : memory[previous];
      int other = other(pass, slice, lane, i, random);
      compress(memory, previous, memory, other, memory, at(lane, column), pass > 0);
    }
  }

  private void beginAddresses(int pass, int lane, int slice) {
    Arrays.fill(counter, 0);
    counter[0] = pass;
    counter[1] = lane;
    counter[2] = slice;
    counter[3] = (long) laneBlocks * cost.lanes;
    counter[4] = cost.passes;
    counter[5] = TYPE_ID;
  }

  private void nextAddresses() {
    counter[6]++;
    compress(ZEROS, 0, counter, 0, addresses, 0, false);
    compress(ZEROS, 0, addresses, 0, addresses, 0, false);
  }

  /// The block that a random number means: one of those that are finished, late ones more likely
  /// (RFC 9106, section 3.4).
  private int other(int pass, int slice, int lane, int index, long random) {
    boolean begins = pass == 0 && slice == 0;
    int inLane = begins ? lane : (int) ((random >>> 32) % cost.lanes);
    int finished = pass == 0 ? slice * sliceBlocks : laneBlocks - sliceBlocks;
    int candidates;
    if (inLane == lane) {
      candidates = finished + index - 1;
    } else {
      candidates = index == 0 ? finished - 1 : finished;
    }
    long low = random & LOW;
    long back = candidates * (low * low >>> 32) >>> 32;
    int start = pass == 0 || slice == SLICES - 1 ? 0 : (slice + 1) * sliceBlocks;
    return at(inLane, (int) ((start + candidates - 1 - back) % laneBlocks));
  }

  /// Makes one block of two.
  ///
  /// @param onto whether what stands there stays in it
  private void compress(long[] x, int xAt, long[] y, int yAt, long[] to, int toAt, boolean onto) {
    for (int i = 0; i < BLOCK; i++) {
      long both = x[xAt + i] ^ y[yAt + i];
      joined[i] = both;
      mixed[i] = both;
    }
    for (int row = 0; row < 8; row++) {
      permute(mixed, 16 * row, 2);
    }
    for (int column = 0; column < 8; column++) {
      permute(mixed, 2 * column, 16);
    }
    for (int i = 0; i < BLOCK; i++) {
      long both = joined[i] ^ mixed[i];
      to[toAt + i] = onto ? to[toAt + i] ^ both : both;
    }
  }

  /// A round of BLAKE2b on eight pairs of longs, `step` apart.
  private static void permute(long[] v, int a, int step) {
    int b = a + 2 * step;
    int c = a + 4 * step;
    int d = a + 6 * step;
    mix(v, a, b, c, d);
    mix(v, a + 1, b + 1, c + 1, d + 1);
    mix(v, a + step, b + step, c + step, d + step);
    mix(v, a + step + 1, b + step + 1, c + step + 1, d + step + 1);
    mix(v, a, b + 1, c + step, d + step + 1);
    mix(v, a + 1, b + step, c + step + 1, d);
    mix(v, a + step, b + step + 1, c, d + 1);
    mix(v, a + step + 1, b, c + 1, d + step);
  }

  private static void mix(long[] v, int a, int b, int c, int d) {
    long w = sum(v[a], v[b]);
    long z = Long.rotateRight(v[d] ^ w, 32);
    long y = sum(v[c], z);
    long x = Long.rotateRight(v[b] ^ y, 24);
    w = sum(w, x);
    z = Long.rotateRight(z ^ w, 16);
    y = sum(y, z);
    v[a] = w;
    v[b] = Long.rotateRight(x ^ y, 63);
    v[c] = y;
    v[d] = z;
  }

  private static long sum(long x, long y) {
    return x + y + 2 * (x & LOW) * (y & LOW);
  }

  private byte[] end(int length) {
    var last = new long[BLOCK];
    for (int lane = 0; lane < cost.lanes; lane++) {
      int at = at(lane, laneBlocks - 1);
      for (int i = 0; i < BLOCK; i++) {
        last[i] ^= memory[at + i];
      }
    }
    ByteBuffer bytes = ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(last);
    return stretched(length, bytes.array());
  }
}
