// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.feed;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Collects what leaves in one turn, per outlet in order, and hands it over at the turn's end.
///
/// Threading: the engine's thread only.
public final class Outbox {
  private final List<Pending> outlets = new ArrayList<>();

  /// What one outlet gets. There are few outlets (event loops times gateways), so they are found by
  /// looking through them.
  private static final class Pending {
    private final Outlet outlet;
    private List<FeedItem> items = new ArrayList<>();

    /// The publications of the commit batch being handed out; null between batches.
    private @Nullable List<Publication> batch;

    /// The events of this turn; null while there are none.
    private @Nullable List<Emission> events;

    Pending(Outlet outlet) {
      this.outlet = outlet;
    }
  }

  @SuppressWarnings("ReferenceEquality") // outlets are identities
  private Pending pending(Outlet outlet) {
    for (int i = 0; i < outlets.size(); i++) {
      Pending each = outlets.get(i);
      if (each.outlet == outlet) {
        return each;
      }
    }
    var added = new Pending(outlet);
    outlets.add(added);
    return added;
  }

  public void answer(ReplyTo replyTo, Outcome outcome) {
    add(replyTo.session().outlet(), new FeedItem.Answer(replyTo, outcome));
  }

  /// The place the next item for the outlet would get.
  public int mark(Outlet outlet) {
    return pending(outlet).items.size();
  }

  /// As [#answer], in front of everything added since the mark was taken in this turn.
  public void answerAt(int mark, ReplyTo replyTo, Outcome outcome) {
    pending(replyTo.session().outlet()).items.add(mark, new FeedItem.Answer(replyTo, outcome));
  }

  public void add(Outlet outlet, FeedItem item) {
    pending(outlet).items.add(item);
  }

  /// Adds to the changes of the current batch; they come out together at [#endBatch]. The same one
  /// again, with nothing in between, changes nothing.
  @SuppressWarnings("ReferenceEquality") // publications are identities
  public void publish(Outlet outlet, Publication publication) {
    Pending pending = pending(outlet);
    if (pending.batch == null) {
      pending.batch = new ArrayList<>();
    }
    if (pending.batch.isEmpty() || pending.batch.getLast() != publication) {
      pending.batch.add(publication);
    }
  }

  public void endBatch() {
    for (Pending each : outlets) {
      if (each.batch != null) {
        each.items.add(new FeedItem.Changes(each.batch));
        each.batch = null;
      }
    }
  }

  /// Adds to the events of this turn; they leave together, behind everything else.
  public void emit(Outlet outlet, Emission emission) {
    Pending pending = pending(outlet);
    if (pending.events == null) {
      pending.events = new ArrayList<>();
    }
    pending.events.add(emission);
  }

  /// Hands everything over. Called once a turn.
  public void flush() {
    for (Pending each : outlets) {
      if (each.events != null) {
        each.items.add(new FeedItem.Events(each.events));
        each.events = null;
      }
      if (!each.items.isEmpty()) {
        List<FeedItem> items = each.items;
        each.items = new ArrayList<>();
        each.outlet.deliver(items);
      }
    }
  }
}
