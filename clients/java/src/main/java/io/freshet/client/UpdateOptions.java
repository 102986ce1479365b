// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// How an `update` goes about it.
///
/// @param attempts how often to try before giving up with the last conflict
/// @param initial makes the data to begin with if there is no such document; null: that is an error
public record UpdateOptions<T>(int attempts, @Nullable Supplier<T> initial) {
  private static final int ATTEMPTS = 10;

  /// Ten attempts; fails with `NOT_FOUND` if there is no such document.
  public static <T> UpdateOptions<T> standard() {
    return new UpdateOptions<>(ATTEMPTS, null);
  }

  /// Ten attempts; begins with this if there is no such document, which is then made.
  public static <T> UpdateOptions<T> orCreate(Supplier<T> initial) {
    return new UpdateOptions<>(ATTEMPTS, initial);
  }

  /// Gives up after so many.
  public UpdateOptions<T> attempts(int most) {
    return new UpdateOptions<>(most, initial);
  }
}
