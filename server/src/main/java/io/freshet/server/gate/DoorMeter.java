// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.gate;

/// What every socket gateway counts.
///
/// Threading: any event loop and the engine's thread; must not block.
public interface DoorMeter {
  /// Items handed over to event loops and not handled yet: how many more, or fewer.
  void backlog(long change);
}
