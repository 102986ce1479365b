// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.feed;

import java.util.List;

/// One event loop's end of the feed, for one gateway.
public interface Outlet {
  /// Takes over what the engine has for this loop, in order. Called on the engine's thread, at most
  /// once a turn; hands over to the loop and returns at once. The list is not reused.
  void deliver(List<FeedItem> items);
}
