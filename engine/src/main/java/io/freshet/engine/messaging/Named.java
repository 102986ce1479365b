// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.messaging;

import io.freshet.engine.feed.Ended;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Face;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.Principal;
import io.freshet.engine.guard.Standing;
import io.freshet.engine.guard.Subject;
import io.freshet.protocol.error.ErrorCode;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// That a session stands under a name.
///
/// @param name null for everybody
/// @param there whether it still does
/// @param end ends it
record Named(
    Session session,
    GuardAction action,
    @Nullable String name,
    BooleanSupplier there,
    Runnable end,
    Ended what,
    Outbox outbox)
    implements Standing {

  @Override
  public Principal principal() {
    return session.principal();
  }

  @Override
  public Face face() {
    return Face.RECORDS;
  }

  @Override
  public @Nullable Subject subject() {
    return there.getAsBoolean() ? new Subject.OfName(name, null) : null;
  }

  @Override
  public void refused(ErrorCode code, String message) {
    end.run();
    outbox.add(session.outlet(), new FeedItem.NoMore(session, what, code, message));
  }
}
