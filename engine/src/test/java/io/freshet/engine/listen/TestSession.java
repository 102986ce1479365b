// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import io.freshet.engine.feed.Outlet;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Principal;

/// A session that is only a name: listening never uses more.
record TestSession(String name) implements Session {
  @Override
  public Principal principal() {
    throw new UnsupportedOperationException("listening asks nobody who they are");
  }

  @Override
  public Outlet outlet() {
    throw new UnsupportedOperationException("listening sends through its signals");
  }

  @Override
  public String toString() {
    return name;
  }
}
