// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.client;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/// Time and processor time of this process, compiler and collector included, since it was made.
final class Stopwatch {
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private final long began = System.nanoTime();
  private final long processorBegan = SYSTEM.getProcessCpuTime();

  double seconds() {
    return (System.nanoTime() - began) / 1e9;
  }

  double processorSeconds() {
    return (SYSTEM.getProcessCpuTime() - processorBegan) / 1e9;
  }

  /// Waits until so much time has passed.
  void await(int seconds) {
    long left = began + seconds * 1_000_000_000L - System.nanoTime();
    try {
      Thread.sleep(Math.max(0, left / 1_000_000));
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }
}
