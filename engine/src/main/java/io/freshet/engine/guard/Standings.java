// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.guard;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;

/// Everything open of one kind, made bit by bit while it is gone through, so that it may change
/// meanwhile. What begins later is not in it.
///
/// @param <O> of those who have it open
public final class Standings<O> implements Iterator<Standing> {
  private final Iterator<O> owners;
  private final Function<O, ? extends Iterable<? extends Standing>> of;
  private Iterator<? extends Standing> next = Collections.emptyIterator();

  /// @param of what one of them has open at that moment
  public Standings(Collection<O> owners, Function<O, ? extends Iterable<? extends Standing>> of) {
    this.owners = new ArrayList<>(owners).iterator();
    this.of = of;
  }

  /// One behind the other.
  public static Iterator<Standing> all(List<Iterator<Standing>> parts) {
    var left = new ArrayList<>(parts);
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        while (!left.isEmpty() && !left.getFirst().hasNext()) {
          left.removeFirst();
        }
        return !left.isEmpty();
      }

      @Override
      public Standing next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return left.getFirst().next();
      }
    };
  }

  @Override
  public boolean hasNext() {
    while (!next.hasNext() && owners.hasNext()) {
      next = of.apply(owners.next()).iterator();
    }
    return next.hasNext();
  }

  @Override
  public Standing next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return next.next();
  }
}
