// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// Hands the changes of a stream to one loop. Threading: confined to the thread of the loop.
final class StreamLoop<T> implements Iterator<Change<T>> {
  private final LiveStream<T> stream;
  private @Nullable Change<T> next;
  private boolean isOver;

  StreamLoop(LiveStream<T> stream) {
    this.stream = stream;
  }

  @Override
  public boolean hasNext() {
    if (next == null && !isOver) {
      try {
        next = stream.next();
      } catch (FreshetClientException e) {
        isOver = true;
        throw e;
      }
      isOver = next == null;
    }
    return next != null;
  }

  @Override
  public Change<T> next() {
    Change<T> change = hasNext() ? next : null;
    if (change == null) {
      throw new NoSuchElementException();
    }
    next = null;
    return change;
  }
}
