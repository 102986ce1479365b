// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.feed.Outcome;
import io.freshet.engine.listen.Timers;
import io.freshet.protocol.DocumentKey;
import io.freshet.spi.Store;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/// Looks for documents whose time is over and writes so, in the name of nobody. A round is bounded,
/// and the next one begins when all of its writes have been answered: after the pause, or at once
/// when it was full and got something done.
final class Sweeper {
  private final Store store;
  private final Slots slots;
  private final Writes writes;
  private final Guarding guarding;
  private final Executor reader;
  private final Timers timers;
  private final Consumer<Runnable> onEngineThread;
  private final ExpiryOptions options;
  private Runnable cancel = () -> {};
  private int outstanding;
  private int expired;

  /// @param timers run their tasks on the engine's thread
  Sweeper(
      Engine.Surroundings given,
      Slots slots,
      Writes writes,
      Guarding guarding,
      Timers timers,
      Consumer<Runnable> onEngineThread,
      ExpiryOptions options) {
    this.store = given.store();
    this.reader = given.reader();
    this.slots = slots;
    this.writes = writes;
    this.guarding = guarding;
    this.timers = timers;
    this.onEngineThread = onEngineThread;
    this.options = options;
  }

  void start() {
    if (!options.every().isZero()) {
      cancel = timers.after(options.every(), this::look);
    }
  }

  void stop() {
    cancel.run();
  }

  private void look() {
    long nowMs = guarding.nowMs();
    try {
      reader.execute(() -> look(nowMs));
    } catch (RejectedExecutionException stopping) {
      cancel = () -> {};
    }
  }

  /// On another thread. A store that cannot say it now is asked again in the next round.
  private void look(long nowMs) {
    List<DocumentKey> found;
    try {
      found = store.expired(nowMs, options.documentsMax());
    } catch (RuntimeException e) {
      found = List.of();
    }
    List<DocumentKey> keys = found;
    onEngineThread.accept(() -> expire(keys));
  }

  private void expire(List<DocumentKey> keys) {
    outstanding = keys.size() + 1;
    expired = 0;
    for (DocumentKey key : keys) {
      writes.expire(slots.use(key), outcome -> answered(outcome, keys.size()));
    }
    done(keys.size());
  }

  private void answered(Outcome outcome, int found) {
    if (outcome instanceof Outcome.Committed) {
      expired++;
    }
    done(found);
  }

  private void done(int found) {
    if (--outstanding > 0) {
      return;
    }
    if (found == options.documentsMax() && expired > 0) {
      look();
    } else {
      start();
    }
  }
}
