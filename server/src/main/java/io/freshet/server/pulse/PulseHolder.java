// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import io.freshet.engine.stream.StreamFigures;
import io.freshet.engine.stream.StreamHolder;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.stream.ChangeStream;
import org.jspecify.annotations.Nullable;

/// Has a stream for a client whose connection is about to begin, and then passes on what the engine
/// wants of it.
///
/// Threading: any thread.
final class PulseHolder implements StreamHolder {
  private static final StreamFigures NOTHING_YET = new StreamFigures(null, 0, 0, 0, 0, 0);

  private final String client;
  private @Nullable ChangeStream stream;
  private boolean asked;
  private boolean evicted;
  private @Nullable Over over;

  private record Over(ErrorCode code, String reason) {}

  PulseHolder(String client) {
    this.client = client;
  }

  /// The connection has begun.
  void attach(ChangeStream begun) {
    boolean ask;
    boolean end;
    Over last;
    synchronized (this) {
      stream = begun;
      ask = asked;
      end = evicted;
      last = over;
    }
    if (ask) {
      begun.askForSign();
    }
    if (end) {
      begun.evicted();
    }
    if (last != null) {
      begun.over(last.code, last.reason);
    }
  }

  private synchronized @Nullable ChangeStream stream() {
    return stream;
  }

  @Override
  public void askForSign() {
    ChangeStream present;
    synchronized (this) {
      asked = true;
      present = stream;
    }
    if (present != null) {
      present.askForSign();
    }
  }

  @Override
  public void evicted() {
    ChangeStream present;
    synchronized (this) {
      evicted = true;
      present = stream;
    }
    if (present != null) {
      present.evicted();
    }
  }

  @Override
  public void over(ErrorCode code, String reason) {
    ChangeStream present;
    synchronized (this) {
      over = new Over(code, reason);
      present = stream;
    }
    if (present != null) {
      present.over(code, reason);
    }
  }

  @Override
  public StreamFigures figures() {
    ChangeStream present = stream();
    return present == null ? NOTHING_YET : present.figures();
  }

  @Override
  public String client() {
    return client;
  }
}
