// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.follow;

import io.freshet.engine.feed.Outcome;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Lets blocking reads of the store run elsewhere and brings what they find back to the engine's
/// thread. Their number is bounded.
public final class StoreReads {
  private final Executor reader;
  private final Consumer<Runnable> onEngineThread;
  private final Journal journal;
  private final int underWayMax;
  private int underWay;

  /// @param journal says where those begin anew who cannot go on
  StoreReads(CollectionReads.Surroundings given, Journal journal) {
    this.reader = given.reader();
    this.onEngineThread = given.onEngineThread();
    this.journal = journal;
    this.underWayMax = given.options().readsMax();
  }

  int underWay() {
    return underWay;
  }

  /// @param read may block, on another thread
  /// @param then takes what was read, on the engine's thread
  /// @param otherwise takes the refusal, or `Lost` when the place asked for is
  public <T> void read(Supplier<T> read, Consumer<T> then, Consumer<Outcome> otherwise) {
    if (underWay == underWayMax) {
      otherwise.accept(
          new Outcome.Refused(ErrorCode.OVERLOADED, "Too many reads are under way; try again"));
      return;
    }
    underWay++;
    try {
      reader.execute(() -> run(read, then, otherwise));
    } catch (RejectedExecutionException e) {
      underWay--;
      otherwise.accept(new Outcome.Refused(ErrorCode.SHUTTING_DOWN, "The server is stopping"));
    }
  }

  /// On another thread.
  private <T> void run(Supplier<T> read, Consumer<T> then, Consumer<Outcome> otherwise) {
    Runnable result;
    try {
      T found = read.get();
      result = () -> then.accept(found);
    } catch (FreshetException e) {
      result = () -> otherwise.accept(refusal(e.code(), String.valueOf(e.getMessage())));
    } catch (RuntimeException e) {
      String message = "The store failed unexpectedly (" + e.getClass().getSimpleName() + ")";
      result = () -> otherwise.accept(refusal(ErrorCode.UNAVAILABLE, message));
    }
    Runnable settled = result;
    onEngineThread.accept(() -> {
      underWay--;
      settled.run();
    });
  }

  private Outcome refusal(ErrorCode code, String message) {
    boolean lost = code == ErrorCode.SOURCE_GAP || code == ErrorCode.CURSOR_EXPIRED;
    return lost
        ? new Outcome.Lost(code, message, journal.position())
        : new Outcome.Refused(code, message);
  }
}
