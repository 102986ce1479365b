// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.feed.Publication;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import io.freshet.server.deepstream.wire.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes changes to the sessions of one event loop that watch them.
///
/// All changes of one commit batch of the same record are sent as one [Batch]; the writer of one of
/// them is not sent it.
///
/// Threading: confined to the event loop.
final class FanOut {
  private static final Logger log = LoggerFactory.getLogger(FanOut.class);

  private final DeepstreamLoop loop;
  private final SubscriberIndex<DocumentKey, Publication> index = new SubscriberIndex<>();
  private final List<Subscribers<DocumentKey, Publication>> changed = new ArrayList<>();
  private final Function<Change, ChangeFrames> encoder;

  FanOut(DeepstreamLoop loop) {
    this.loop = loop;
    this.encoder = change -> ChangeFrames.of(change, loop.writer());
  }

  SubscriberIndex<DocumentKey, Publication> index() {
    return index;
  }

  void changes(List<Publication> publications) {
    for (int i = 0; i < publications.size(); i++) {
      Publication publication = publications.get(i);
      Subscribers<DocumentKey, Publication> watched = index.find(publication.change().key());
      if (watched != null && watched.arrive(publication)) {
        changed.add(watched);
      }
    }
    for (int i = 0; i < changed.size(); i++) {
      changesOf(changed.get(i));
    }
    changed.clear();
  }

  /// Watchers who cannot be told of a change would have a gap: they start over.
  private void changesOf(Subscribers<DocumentKey, Publication> watched) {
    try {
      if (send(watched.takeArrived(), watched)) {
        dropAll(watched);
      }
    } catch (RuntimeException | OutOfMemoryError failure) {
      log.error("changes could not be sent; their watchers are disconnected", failure);
      for (Subscription<DocumentKey> each = watched.first; each != null; each = each.next) {
        each.session.socket().close();
      }
    }
  }

  /// @return whether the record was deleted
  private boolean send(List<Publication> publications, Subscribers<DocumentKey, ?> watched) {
    var batch = new Batch(loop, Topic.RECORD, publications.size());
    boolean removed = false;
    for (int i = 0; i < publications.size() && !removed; i++) {
      Publication publication = publications.get(i);
      ChangeFrames frames = publication.encoded(ChangeFrames.class, encoder);
      if (frames.isShown()) {
        batch.add(frames, publication.writer());
        removed = frames.removes();
      }
    }
    batch.sendTo(watched);
    return removed;
  }

  /// The record was found to differ in the store.
  void refreshed(Document current) {
    Subscribers<DocumentKey, Publication> watched = index.find(current.key());
    if (watched == null) {
      return;
    }
    if (current.isRecord()) {
      loop.broadcast(watched, ChangeFrames.update(current));
    } else {
      loop.broadcast(
          watched, RecordMessage.of(RecordAction.DELETED).name(current.key().recordName()));
      dropAll(watched);
    }
  }

  void providerChanged(DocumentKey key, boolean hasProvider) {
    Subscribers<DocumentKey, Publication> watched = index.find(key);
    if (watched != null) {
      RecordAction action =
          hasProvider
              ? RecordAction.SUBSCRIPTION_HAS_PROVIDER
              : RecordAction.SUBSCRIPTION_HAS_NO_PROVIDER;
      loop.broadcast(watched, RecordMessage.of(action).name(key.recordName()));
    }
  }

  private static void dropAll(Subscribers<DocumentKey, ?> watched) {
    for (Subscription<DocumentKey> each = watched.first; each != null; each = watched.first) {
      each.session.records().dropped(each);
    }
  }
}
