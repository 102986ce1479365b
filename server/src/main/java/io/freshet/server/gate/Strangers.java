// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.gate;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/// A door's connections that have not logged in, and their bound. When it is reached, the one that
/// has said nothing for longest makes room. Any thread.
public final class Strangers {
  /// Who comes just now is not silent yet.
  private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final int max;
  private final LongSupplier nanoTime;
  private final AtomicInteger count = new AtomicInteger();

  /// @param nanoTime a steady clock
  public Strangers(int max, LongSupplier nanoTime) {
    this.max = max;
    this.nanoTime = nanoTime;
  }

  /// Those of one event loop; they make room for each other only.
  public OfLoop ofLoop() {
    return new OfLoop();
  }

  /// One of them.
  public interface Stranger {
    /// It is closed, and no longer one of them ([OfLoop#leave]).
    void giveWay();
  }

  /// Those of one event loop.
  ///
  /// Threading: confined to it.
  public final class OfLoop {
    /// Who is waited for, and since when; whoever said something last stands last.
    private final Map<Stranger, Long> awaited = new LinkedHashMap<>();

    private OfLoop() {}

    /// Whether one more may stay; if so it is counted until [#leave].
    public boolean enter(Stranger stranger) {
      if (count.incrementAndGet() > max && !makeRoom()) {
        count.decrementAndGet();
        return false;
      }
      await(stranger);
      return true;
    }

    private boolean makeRoom() {
      Map.Entry<Stranger, Long> longest =
          awaited.isEmpty() ? null : awaited.entrySet().iterator().next();
      if (longest == null || nanoTime.getAsLong() - longest.getValue() <= SILENT_NANOS) {
        return false;
      }
      longest.getKey().giveWay();
      return true;
    }

    /// It has said something.
    public void heard(Stranger stranger) {
      if (awaited.remove(stranger) != null) {
        await(stranger);
      }
    }

    /// Its login is being judged: until [#await] it is not the one that is waited for.
    public void judging(Stranger stranger) {
      awaited.remove(stranger);
    }

    /// It has to say something next.
    public void await(Stranger stranger) {
      awaited.put(stranger, nanoTime.getAsLong());
    }

    /// It has logged in, or is gone.
    public void leave(Stranger stranger) {
      awaited.remove(stranger);
      count.decrementAndGet();
    }
  }
}
