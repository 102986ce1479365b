// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import org.jspecify.annotations.Nullable;

/// Time and chance, as the parts of one client have them.
///
/// Threading: any thread.
interface Timing {
  /// Only differences say something.
  long nanos();

  /// Since 1970.
  long millis();

  /// From 0 to 1: by how much a wait is spread.
  double chance();

  /// Runs a task once, on a thread of its own choice.
  ///
  /// @return takes it back, if it has not begun; null when nothing is begun any more
  @Nullable Runnable later(Runnable task, long delayMs);

  /// What has not begun never does.
  void close();
}
