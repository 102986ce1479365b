// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.feed.Publication;
import io.freshet.protocol.Change;
import io.freshet.protocol.diff.Diff;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One change as the events that subscribers are sent, each made once for all who get the same
/// bytes: the diff once, the envelope once per [EventShape], the frame once per set of subscription
/// ids.
///
/// Threading: any thread.
final class ChangeEvents {
  private final Change change;
  private @Nullable Diff diff;
  private final Map<EventShape, byte[]> envelopes = new HashMap<>(2);
  private final Map<FrameKey, byte[]> frames = new HashMap<>(2);

  private record FrameKey(EventShape shape, String ids) {}

  ChangeEvents(Change change) {
    this.change = change;
  }

  static ChangeEvents of(Publication publication) {
    return publication.encoded(ChangeEvents.class, ChangeEvents::new);
  }

  /// A whole frame, header included. Not to be modified.
  ///
  /// @param ids of the subscriptions it is for, as a JSON array
  /// @param requestId of the change, the same in every call
  /// @param scratch what is written with
  synchronized byte[] frame(
      EventShape shape, String ids, @Nullable String requestId, JsonOutput scratch) {
    var key = new FrameKey(shape, ids);
    byte[] known = frames.get(key);
    if (known == null) {
      byte[] envelope = envelope(shape, requestId, scratch);
      known = EventFrame.of(change, shape, ids, envelope, scratch);
      frames.put(key, known);
    }
    return known;
  }

  private byte[] envelope(EventShape shape, @Nullable String requestId, JsonOutput scratch) {
    byte[] known = envelopes.get(shape);
    if (known == null) {
      EventText.writeChange(scratch.clear(), change, shape, this::diff, requestId);
      known = scratch.toBytes();
      envelopes.put(shape, known);
    }
    return known;
  }

  private Diff diff() {
    Diff known = diff;
    if (known == null) {
      known = ChangeText.diff(change);
      diff = known;
    }
    return known;
  }
}
