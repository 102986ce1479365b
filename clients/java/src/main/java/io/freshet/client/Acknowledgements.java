// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What was handled, for the server: an acknowledgement says it of everything up to a change.
///
/// Threading: guarded by the hub's lock.
final class Acknowledgements {
  private static final int HANDLED_MAX = 64;
  private static final long WAIT_MS = 10;

  private final Hub hub;
  private final Consumer<String> send;
  private final int handledMax;
  private @Nullable String id;
  private int handled;
  private Hub.@Nullable Timer timer;

  /// @param window how many the server lets wait for an acknowledgement; 0 if that is not known
  Acknowledgements(Hub hub, int window, Consumer<String> send) {
    this.hub = hub;
    this.send = send;
    this.handledMax = window == 0 ? HANDLED_MAX : Math.min(HANDLED_MAX, (window + 1) / 2);
  }

  /// @param isUrgent whether there is nothing to wait for
  void add(String upTo, boolean isUrgent) {
    id = upTo;
    if (isUrgent || ++handled >= handledMax) {
      flush();
    } else if (timer == null) {
      timer = hub.after(WAIT_MS, this::flush);
    }
  }

  void flush() {
    String last = id;
    clear();
    if (last != null) {
      send.accept(last);
    }
  }

  void clear() {
    Hub.cancel(timer);
    timer = null;
    id = null;
    handled = 0;
  }
}
