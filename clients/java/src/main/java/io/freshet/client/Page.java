// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A part of a longer list.
///
/// @param next what to ask for the next page with; null if this is the last one
/// @param <E> what is listed
/// @param <N> the kind of place it goes on from
public record Page<E, N>(List<E> items, @Nullable N next) {
  public Page {
    items = List.copyOf(items);
  }
}
