// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Outlet;
import io.freshet.engine.feed.Publication;
import io.freshet.engine.feed.Session;
import io.freshet.engine.follow.CollectionReads;
import io.freshet.engine.follow.Followers;
import io.freshet.engine.guard.Face;
import io.freshet.engine.ingest.Sources;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.Operation;
import io.freshet.protocol.error.FreshetException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Publishes what the logs say and settles what was ours.
final class Publishing implements Commits.Results {
  private final Chains chains;
  private final Slots slots;
  private final Watches watches;
  private final CollectionReads collections;
  private final Sources sources;
  private final Outbox outbox;

  Publishing(
      Chains chains,
      Slots slots,
      Watches watches,
      CollectionReads collections,
      Sources sources,
      Outbox outbox) {
    this.chains = chains;
    this.slots = slots;
    this.watches = watches;
    this.collections = collections;
    this.sources = sources;
    this.outbox = outbox;
  }

  @Override
  public void published(List<Change> changes, List<Slot.@Nullable Entry> own) {
    collections.journal().published(changes);
    for (int i = 0; i < changes.size(); i++) {
      publish(changes.get(i), own.get(i));
    }
    outbox.endBatch();
    for (int i = 0; i < changes.size(); i++) {
      Slot.Entry entry = own.get(i);
      if (entry != null) {
        chains.committed(entry, changes.get(i));
      }
    }
    if (!changes.isEmpty()) {
      sources.published(changes.getLast().position());
    }
    collections.journal().settle();
  }

  /// To whoever watches the document or follows its collection, to each outlet once.
  private void publish(Change change, Slot.@Nullable Entry entry) {
    Slot slot = entry != null ? entry.slot : slots.existing(change.key());
    Slot watched = slot != null && takeOver(slot, change) ? slot : null;
    if (watched != null && !watched.watchers.isEmpty()) {
      watches.judge(watched, change.after());
    }
    if (change.operation() != Operation.OPEN) {
      send(change, entry, watched);
    }
    if (watched != null && change.after().life() == Life.TOMBSTONE) {
      watches.dropAll(watched);
    }
    if (slot != null) {
      caughtUp(slot);
    }
  }

  /// @param watched the document's slot; null when its watchers know the change or there are none
  private void send(Change change, Slot.@Nullable Entry entry, @Nullable Slot watched) {
    Followers followers = collections.followers();
    boolean followed = followers.follow(change.key().collection());
    boolean wanted = followed || watched != null && !watched.watchers.isEmpty();
    if (wanted) {
      Session writer = entry == null ? null : entry.command.replyTo().session();
      var publication =
          new Publication(
              change,
              writer,
              requestId(entry),
              followed ? followers.sight(change, Face.DOCUMENTS, collections.rows()) : null,
              followed ? followers.sight(change, Face.STREAMS, collections.rows()) : null);
      Consumer<Outlet> publish = outlet -> outbox.publish(outlet, publication);
      if (watched != null) {
        watched.watchers.forEachOutlet(publish);
      }
      if (followed) {
        followers.forEachOutlet(change.key().collection(), publish);
      }
    }
  }

  private static @Nullable String requestId(Slot.@Nullable Entry entry) {
    return entry != null && entry.command instanceof Command.Revise revise
        ? revise.terms().requestId()
        : null;
  }

  /// @return whether it was not known yet; what was loaded may have been ahead of the feed
  private boolean takeOver(Slot slot, Change change) {
    Document known = slot.committed;
    boolean news = isNews(slot, known, change);
    if (news && (known != null || slot.loading)) {
      slots.set(slot, change.after());
    }
    slot.knownRevision = Math.max(slot.knownRevision, change.revision());
    chains.forgetTold(slot);
    return news;
  }

  private static boolean isNews(Slot slot, @Nullable Document known, Change change) {
    if (change.operation() == Operation.OPEN) {
      return known == null || !known.isRecord() && change.revision() == known.revision();
    }
    return change.revision() > slot.knownRevision
        || known != null && isCountedAnew(known, change.after());
  }

  /// A document that has been purged counts from 1 again.
  private static boolean isCountedAnew(Document known, Document after) {
    return known.life() == Life.TOMBSTONE && after.updatedAt() > known.updatedAt();
  }

  private void caughtUp(Slot slot) {
    Document ahead = slot.ahead;
    if (ahead != null && slot.knownRevision >= ahead.revision()) {
      slot.ahead = null;
      slots.request(slot);
    }
  }

  @Override
  public void conflicts(List<Commits.Refused> refused) {
    chains.conflicts(refused);
  }

  @Override
  public void failed(List<Slot.Entry> batch, FreshetException failure) {
    chains.failed(batch, failure);
  }
}
