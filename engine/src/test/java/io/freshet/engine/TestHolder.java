// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.stream.StreamFigures;
import io.freshet.engine.stream.StreamHolder;
import io.freshet.protocol.EventId;
import io.freshet.protocol.error.ErrorCode;
import org.jspecify.annotations.Nullable;

/// The end of a stream that a door would hold, which writes down what it is told.
final class TestHolder implements StreamHolder {
  int asked;
  boolean evicted;
  @Nullable String lost;
  @Nullable ErrorCode why;
  @Nullable EventId considered;
  Runnable onAsked = () -> {};
  Runnable onEvicted = () -> {};

  @Override
  public void askForSign() {
    asked++;
    onAsked.run();
  }

  @Override
  public void evicted() {
    evicted = true;
    onEvicted.run();
  }

  @Override
  public void over(ErrorCode code, String reason) {
    lost = reason;
    why = code;
  }

  @Override
  public StreamFigures figures() {
    return new StreamFigures(considered, 5, 4, 3, 2, 1);
  }

  @Override
  public String client() {
    return "somebody";
  }
}
