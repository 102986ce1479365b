// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Outlet;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Principal;
import io.freshet.protocol.json.JsonObject;
import java.util.List;

/// In whose name the engine writes what nobody asked for: the user without a name. Its answers go
/// nowhere.
final class Nobody implements Session, Outlet, ReplyTo {
  static final ReplyTo REPLY_TO = new Nobody();

  private final Principal principal = new Principal("", JsonObject.empty(), null);

  private Nobody() {}

  @Override
  public Principal principal() {
    return principal;
  }

  @Override
  public Outlet outlet() {
    return this;
  }

  @Override
  public Session session() {
    return this;
  }

  @Override
  public void deliver(List<FeedItem> items) {}

  @Override
  public void reply(Outcome outcome) {}
}
