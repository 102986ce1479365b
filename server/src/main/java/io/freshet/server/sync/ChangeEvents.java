package io.freshet.server.sync;

import io.freshet.engine.feed.Publication;
import io.freshet.protocol.Change;
import io.freshet.protocol.diff.Diff;
import org.jspecify.annotations.Nullable;

/// One change as the events that subscribers are sent, each made once for all who get the same
/// bytes: the diff once, the envelope once per [EventShape], the frame once per set of subscription
/// ids.
///
/// Threading: any thread.
final class ChangeEvents {
  private final Change change;
  private @Nullable Diff diff;
  private @Nullable Envelope envelopes;
  private @Nullable Frame frames;

  private record Envelope(EventShape shape, byte[] text, @Nullable Envelope next) {}

  private record Frame(EventShape shape, String ids, byte[] bytes, @Nullable Frame next) {}

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
    for (Frame known = frames; known != null; known = known.next) {
      if (known.ids.equals(ids) && known.shape.equals(shape)) {
        return known.bytes;
      }
    }
    byte[] envelope = envelope(shape, requestId, scratch);
    byte[] bytes = EventFrame.of(change, shape, ids, envelope, scratch);
    frames = new Frame(shape, ids, bytes, frames);
    return bytes;
  }

  private byte[] envelope(EventShape shape, @Nullable String requestId, JsonOutput scratch) {
    for (Envelope known = envelopes; known != null; known = known.next) {
      if (known.shape.equals(shape)) {
        return known.text;
      }
    }
    EventText.writeChange(scratch.clear(), change, shape, this::diff, requestId);
    byte[] text = scratch.toBytes();
    envelopes = new Envelope(shape, text, envelopes);
    return text;
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
