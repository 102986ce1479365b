// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.feed;

import io.freshet.engine.guard.Principal;

/// One authenticated connection, as the engine knows it: compared by identity, used as a key.
public interface Session {
  Principal principal();

  /// Where everything for this session leaves; the same for its whole life.
  Outlet outlet();
}
