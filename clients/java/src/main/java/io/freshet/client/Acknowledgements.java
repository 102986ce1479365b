// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What was handled, for the server: an acknowledgement says it of everything up to a change.
///
/// On a new connection the first change is told of at once, then two together, four, and so on:
/// what was handled over a connection that soon falls again is known to the server nevertheless,
/// and each one gets further than the one before.
///
/// Threading: guarded by the hub's lock.
final class Acknowledgements {
  private static final int HANDLED_MAX = 1024;
  private static final long WAIT_MS = 2;

  /// Of streams that leave it to the server.
  private static final int WINDOW = 256;

  private final Hub hub;
  private final Consumer<String> send;
  private final int handledMax;
  private @Nullable String id;
  private int handled;
  private int together = 1;
  private Hub.@Nullable Timer timer;

  /// @param window how many the server lets wait for an acknowledgement; 0 if that is left to it
  Acknowledgements(Hub hub, int window, Consumer<String> send) {
    this.hub = hub;
    this.send = send;
    this.handledMax = Math.min(HANDLED_MAX, ((window == 0 ? WINDOW : window) + 1) / 2);
  }

  /// Tells of it at once if that is urgent, else with what is handled in the next moments.
  void add(String upTo, boolean isUrgent) {
    id = upTo;
    if (isUrgent || ++handled >= together) {
      flush();
    } else if (timer == null) {
      timer = hub.after(WAIT_MS, this::flush);
    }
  }

  void flush() {
    String last = take();
    if (last != null) {
      together = Math.min(2 * together, handledMax);
      send.accept(last);
    }
  }

  /// The connection is gone, and what was not told with it.
  void clear() {
    take();
    together = 1;
  }

  private @Nullable String take() {
    String last = id;
    Hub.cancel(timer);
    timer = null;
    id = null;
    handled = 0;
    return last;
  }
}
