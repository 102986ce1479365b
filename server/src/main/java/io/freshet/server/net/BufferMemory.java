// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.netty.buffer.PooledByteBufAllocator;

/// How much memory the buffers of all sockets take, against their bound. Each connection has bounds
/// of its own; this is for the many that each keep to them.
///
/// Threading: any.
final class BufferMemory {
  private final PooledByteBufAllocator allocator;
  private final long bytesMax;

  BufferMemory(PooledByteBufAllocator allocator, long bytesMax) {
    this.allocator = allocator;
    this.bytesMax = bytesMax;
  }

  /// Bytes in buffers that are in use.
  long usedBytes() {
    return allocator.pinnedDirectMemory();
  }

  /// The pool's size is asked first, because it is cheap to know.
  boolean isShort() {
    return allocator.metric().usedDirectMemory() > bytesMax && usedBytes() > bytesMax;
  }
}
