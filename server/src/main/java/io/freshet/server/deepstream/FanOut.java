// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.feed.Publication;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes changes to the sessions of one event loop that watch them.
///
/// All frames of one commit batch for the same record are joined into one buffer that its watchers
/// share by reference count: one write per channel and batch. Whoever wrote one of the changes gets
/// the others composed for itself.
///
/// Threading: confined to the event loop.
final class FanOut {
  private static final Logger log = LoggerFactory.getLogger(FanOut.class);

  private final DeepstreamLoop loop;
  private final List<Watched> changed = new ArrayList<>();
  private final Function<Change, ChangeFrames> encoder;
  private int mark;

  FanOut(DeepstreamLoop loop) {
    this.loop = loop;
    this.encoder = change -> ChangeFrames.of(change, loop.writer());
  }

  void changes(List<Publication> publications) {
    for (int i = 0; i < publications.size(); i++) {
      Publication publication = publications.get(i);
      Watched watched = loop.watchIndex().find(publication.change().key());
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
  private void changesOf(Watched watched) {
    try {
      Batch batch = batch(watched.takeArrived());
      if (batch.length() > 0) {
        send(watched, batch);
      }
      if (batch.removes) {
        dropAll(watched);
      }
    } catch (RuntimeException failure) {
      log.error("changes could not be sent; their watchers are disconnected", failure);
      for (Subscription each = watched.first; each != null; each = each.next) {
        each.session.socket().close();
      }
    }
  }

  /// The frames of one record in one commit batch.
  private static final class Batch {
    private final List<ChangeFrames> frames;
    private final List<@Nullable DeepstreamSession> writers;
    private boolean removes;
    private boolean uniform = true;

    Batch(int size) {
      frames = new ArrayList<>(size);
      writers = new ArrayList<>(size);
    }

    int length() {
      return frames.size();
    }

    int bytes(boolean patchMulti) {
      int bytes = 0;
      for (int i = 0; i < frames.size(); i++) {
        bytes += frames.get(i).frame(patchMulti).length;
      }
      return bytes;
    }
  }

  private Batch batch(List<Publication> publications) {
    mark++;
    var batch = new Batch(publications.size());
    for (int i = 0; i < publications.size() && !batch.removes; i++) {
      Publication publication = publications.get(i);
      ChangeFrames frames = publication.encoded(ChangeFrames.class, encoder);
      if (frames.isShown()) {
        batch.frames.add(frames);
        batch.writers.add(ownWriter(publication));
        batch.uniform &= frames.isUniform();
        batch.removes = frames.removes();
      }
    }
    return batch;
  }

  private @Nullable DeepstreamSession ownWriter(Publication publication) {
    if (publication.writer() instanceof DeepstreamSession writer && writer.loop() == loop) {
      writer.wroteMark = mark;
      return writer;
    }
    return null;
  }

  private void send(Watched watched, Batch batch) {
    if (watched.count == 1) {
      for (Subscription each = watched.first; each != null; each = each.next) {
        sendOthers(each.session, batch);
      }
      return;
    }
    ByteBuf plain = null;
    ByteBuf multi = null;
    for (Subscription each = watched.first; each != null; each = each.next) {
      DeepstreamSession session = each.session;
      if (session.wroteMark == mark) {
        sendOthers(session, batch);
      } else if (session.understandsPatchMulti() && !batch.uniform) {
        multi = multi == null ? joined(session, batch, true) : multi;
        session.socket().sendShared(multi.retainedDuplicate(), batch.length());
      } else {
        plain = plain == null ? joined(session, batch, false) : plain;
        session.socket().sendShared(plain.retainedDuplicate(), batch.length());
      }
    }
    release(plain);
    release(multi);
  }

  private static void release(@Nullable ByteBuf buffer) {
    if (buffer != null) {
      buffer.release();
    }
  }

  private ByteBuf joined(DeepstreamSession session, Batch batch, boolean patchMulti) {
    ByteBuf buffer = session.socket().allocate(batch.bytes(patchMulti));
    for (int i = 0; i < batch.length(); i++) {
      buffer.writeBytes(batch.frames.get(i).frame(patchMulti));
    }
    return buffer;
  }

  /// Sends one session what it did not write itself.
  @SuppressWarnings("ReferenceEquality") // sessions are identities
  private static void sendOthers(DeepstreamSession session, Batch batch) {
    for (int i = 0; i < batch.length(); i++) {
      if (batch.writers.get(i) != session) {
        session.socket().send(batch.frames.get(i).frame(session.understandsPatchMulti()));
      }
    }
  }

  /// The record was found to differ in the store.
  void refreshed(Document current) {
    Watched watched = loop.watchIndex().find(current.key());
    if (watched == null) {
      return;
    }
    if (current.isRecord()) {
      broadcast(watched, ChangeFrames.update(current));
    } else {
      broadcast(watched, RecordMessage.of(RecordAction.DELETED).name(current.key().recordName()));
      dropAll(watched);
    }
  }

  void providerChanged(DocumentKey key, boolean hasProvider) {
    Watched watched = loop.watchIndex().find(key);
    if (watched != null) {
      RecordAction action =
          hasProvider
              ? RecordAction.SUBSCRIPTION_HAS_PROVIDER
              : RecordAction.SUBSCRIPTION_HAS_NO_PROVIDER;
      broadcast(watched, RecordMessage.of(action).name(key.recordName()));
    }
  }

  /// Sends every watcher the same.
  private void broadcast(Watched watched, RecordMessage message) {
    message.writeTo(loop.writer());
    byte[] frame = loop.writer().toArray();
    for (Subscription each = watched.first; each != null; each = each.next) {
      each.session.socket().send(frame);
    }
  }

  private static void dropAll(Watched watched) {
    for (Subscription each = watched.first; each != null; each = watched.first) {
      each.session.dropped(each);
    }
  }
}
