// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import io.freshet.engine.feed.Ended;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Publication;
import io.freshet.protocol.Change;
import io.freshet.protocol.filter.Model;
import io.freshet.server.gate.DoorLoop;
import io.freshet.server.stream.StreamHub;
import io.netty.channel.EventLoop;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The Pulse door's part on one event loop: what its clients share. Clients of one model share its
/// events, each written once.
///
/// Threading: confined to the event loop, except what its superclass says.
final class PulseLoop extends DoorLoop {
  private final PulseDoor.Shared shared;
  private final StreamHub streams;
  private final FrameText output = new FrameText();
  private final Map<Model, Shape> shapes = new HashMap<>();

  /// The change written last, and its frames by shape; an empty one where there is no event.
  private @Nullable Publication written;

  private final IdentityHashMap<Shape, byte[]> frames = new IdentityHashMap<>();

  /// How the events of one model are written, and how many clients have that model.
  static final class Shape {
    private final Model model;
    private final EventText text;
    private int users;

    private Shape(Model model) {
      this.model = model;
      this.text = new EventText(model);
    }
  }

  PulseLoop(EventLoop eventLoop, PulseDoor.Shared shared) {
    super(eventLoop, shared.options().bounds(), shared.meter(), shared.gate());
    this.shared = shared;
    this.streams = new StreamHub(this, shared.streamMeter());
  }

  @Override
  protected void handle(FeedItem item) {
    switch (item) {
      case FeedItem.Changes(var publications) -> {
        streams.changes(publications);
        written = null;
        frames.clear();
      }
      case FeedItem.NoMore(var _, Ended.Follow _, var _, String _) -> {
        // Its streams are told one by one.
      }
      case FeedItem.RulesChanged _ -> {
        // Nothing is held back here.
      }
      case FeedItem.NoMore _,
          FeedItem.Answer _,
          FeedItem.Refreshed _,
          FeedItem.ProviderChanged _,
          FeedItem.ToListener _,
          FeedItem.Events _,
          FeedItem.ToProvider _,
          FeedItem.ToCaller _,
          FeedItem.PresenceChanged _ ->
          throw new IllegalStateException("nobody here asked for " + item.getClass());
    }
  }

  // Frames.

  Shape take(Model model) {
    Shape shape = shapes.computeIfAbsent(model, Shape::new);
    shape.users++;
    return shape;
  }

  void giveBack(Shape shape) {
    shape.users--;
    if (shape.users == 0) {
      shapes.remove(shape.model);
      frames.remove(shape);
    }
  }

  /// The event of a change that others are sent too; empty when there is none.
  byte[] frame(Publication publication, Shape shape) {
    if (written != publication) {
      written = publication;
      frames.clear();
    }
    return frames.computeIfAbsent(shape, each -> frame(publication.change(), each));
  }

  /// The event of a change; empty when there is none.
  byte[] frame(Change change, Shape shape) {
    EventText.Written done = shape.text.write(output.clear(), change);
    if (!done.written()) {
      shared.meter().notShown();
    } else if (done.mismatches() > 0) {
      shared.meter().mismatched(done.mismatches());
    }
    return output.toBytes();
  }

  StreamHub streams() {
    return streams;
  }

  PulseDoor.Shared shared() {
    return shared;
  }

  PulseMeter meter() {
    return shared.meter();
  }
}
