// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.client;

import io.freshet.client.FreshetClient;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;

/// Keeps what was written and not answered below what a client lets wait. Of many writes it looks
/// at one, so that it costs next to nothing. Threading: confined to the thread that writes.
final class Pace {
  private static final int LOOKED_AT = 128;
  private static final int WAITING_MAX = 60;

  private final ArrayDeque<CompletableFuture<Void>> waiting = new ArrayDeque<>();
  private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
  private long written;

  void follow(CompletableFuture<Void> write) {
    last = write;
    if (++written % LOOKED_AT == 0) {
      waiting.add(write);
      if (waiting.size() > WAITING_MAX) {
        FreshetClient.await(waiting.remove());
      }
    }
  }

  long written() {
    return written;
  }

  /// Waits for the last write.
  void end() {
    waiting.forEach(FreshetClient::await);
    waiting.clear();
    FreshetClient.await(last);
  }
}
