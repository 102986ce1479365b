// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import java.time.Duration;

/// Runs things later, on the engine's thread.
public interface Timers {
  /// @return cancels; calling it after the task ran does nothing
  Runnable after(Duration delay, Runnable task);
}
