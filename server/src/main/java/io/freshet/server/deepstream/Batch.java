// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.feed.Session;
import io.freshet.server.deepstream.wire.Topic;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one delivery brings for the subscribers of one name.
///
/// The frames are joined into one buffer that all subscribers share by reference count: one write
/// per channel. Whoever caused one of them gets the others composed for itself.
///
/// Threading: confined to one event loop.
final class Batch {
  private final DeepstreamLoop loop;
  private final Topic topic;
  private final int mark;
  private final List<SharedFrame> frames;
  private final List<@Nullable DeepstreamSession> causes;
  private boolean uniform = true;

  Batch(DeepstreamLoop loop, Topic topic, int size) {
    this.loop = loop;
    this.topic = topic;
    this.mark = loop.nextMark();
    this.frames = new ArrayList<>(size);
    this.causes = new ArrayList<>(size);
  }

  /// @param cause the session that is not told, if there is one
  void add(SharedFrame frame, @Nullable Session cause) {
    frames.add(frame);
    uniform &= frame.isUniform();
    if (cause instanceof DeepstreamSession session && session.loop() == loop) {
      session.causeMark = mark;
      causes.add(session);
    } else {
      causes.add(null);
    }
  }

  void sendTo(Subscribers<?, ?> subscribers) {
    if (frames.isEmpty()) {
      return;
    }
    if (subscribers.count == 1) {
      for (Subscription<?> each = subscribers.first; each != null; each = each.next) {
        sendOthers(each.session);
      }
      return;
    }
    share(subscribers);
  }

  private void share(Subscribers<?, ?> subscribers) {
    ByteBuf plain = null;
    ByteBuf multi = null;
    int plainReceivers = 0;
    int multiReceivers = 0;
    for (Subscription<?> each = subscribers.first; each != null; each = each.next) {
      DeepstreamSession session = each.session;
      if (session.causeMark == mark) {
        sendOthers(session);
      } else if (session.understandsPatchMulti() && !uniform) {
        multi = multi == null ? joined(session, true) : multi;
        session.socket().sendShared(multi.retainedDuplicate(), frames.size());
        multiReceivers++;
      } else {
        plain = plain == null ? joined(session, false) : plain;
        session.socket().sendShared(plain.retainedDuplicate(), frames.size());
        plainReceivers++;
      }
    }
    finish(plain, false, plainReceivers);
    finish(multi, true, multiReceivers);
  }

  private void finish(@Nullable ByteBuf buffer, boolean patchMulti, int receivers) {
    if (buffer != null) {
      buffer.release();
      for (int i = 0; i < frames.size(); i++) {
        loop.traffic().sent(topic, frames.get(i).action(patchMulti), receivers);
      }
    }
  }

  private ByteBuf joined(DeepstreamSession session, boolean patchMulti) {
    int bytes = 0;
    for (int i = 0; i < frames.size(); i++) {
      bytes += frames.get(i).frame(patchMulti).length;
    }
    ByteBuf buffer = session.socket().allocate(bytes);
    for (int i = 0; i < frames.size(); i++) {
      buffer.writeBytes(frames.get(i).frame(patchMulti));
    }
    return buffer;
  }

  /// Sends one session what it did not cause itself.
  @SuppressWarnings("ReferenceEquality") // sessions are identities
  private void sendOthers(DeepstreamSession session) {
    boolean patchMulti = session.understandsPatchMulti();
    for (int i = 0; i < frames.size(); i++) {
      if (causes.get(i) != session) {
        SharedFrame frame = frames.get(i);
        session.socket().send(frame.frame(patchMulti));
        loop.traffic().sent(topic, frame.action(patchMulti), 1);
      }
    }
  }
}
