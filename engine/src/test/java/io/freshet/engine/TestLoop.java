// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Outlet;
import io.freshet.engine.feed.Publication;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.feed.Session;
import io.freshet.protocol.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// An event loop of a door with streams.
final class TestLoop implements Outlet {
  private final List<Live> live = new ArrayList<>();

  /// Where a stream is on its way.
  enum State {
    OPENING,
    REPLAYING,
    BEGINNING,
    LIVE,
    FULL,
    OVER
  }

  /// A stream that is told of changes.
  interface Live {
    void live(Change change);
  }

  /// A question, and what is done with its answer.
  record Asked(Session session, Consumer<Outcome> then) implements ReplyTo {
    @Override
    public void reply(Outcome outcome) {
      then.accept(outcome);
    }
  }

  void add(Live stream) {
    live.add(stream);
  }

  void remove(Live stream) {
    live.remove(stream);
  }

  @Override
  public void deliver(List<FeedItem> items) {
    for (FeedItem item : items) {
      switch (item) {
        case FeedItem.Answer(ReplyTo replyTo, Outcome outcome) -> replyTo.reply(outcome);
        case FeedItem.Changes(List<Publication> publications) ->
            publications.forEach(
                each -> List.copyOf(live).forEach(stream -> stream.live(each.change())));
        case FeedItem.Refreshed _,
            FeedItem.ProviderChanged _,
            FeedItem.ToListener _,
            FeedItem.Events _,
            FeedItem.ToProvider _,
            FeedItem.ToCaller _,
            FeedItem.PresenceChanged _,
            FeedItem.NoMore _,
            FeedItem.RulesChanged _ ->
            throw new IllegalStateException("nobody asked for " + item);
      }
    }
  }
}
