// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.guard.Principal;
import io.freshet.protocol.EventId;
import io.freshet.server.stream.StreamSink;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A stream of Server-Sent Events and what it is subscribed to.
///
/// Threading: confined to the connection's event loop, except what its superclass says.
final class StreamSession extends Subscriber {
  private final StreamSocket socket;

  StreamSession(StreamSocket socket, SyncLoop loop, Principal principal) {
    super(socket, loop, principal, Transport.SERVER_SENT_EVENTS);
    this.socket = socket;
  }

  @Override
  void joined(Subscription subscription, List<EventId> position, @Nullable Boolean recovered) {
    JsonOutput out = loop().output().raw("event: subscribed\ndata: {\"topic\":");
    ServerFrames.writePlace(out, subscription, position, recovered);
    socket.send(out.raw("}\n\n").toBytes());
  }

  /// There is nobody to ask again: the stream ends, and its client may open it anew.
  @Override
  void refused(@Nullable String ref, Problem why) {
    socket.fail(why);
  }

  @Override
  void ended(Subscription subscription, Problem why) {
    refused(subscription.ref(), why);
  }

  @Override
  StreamSink sink(String streamId, @Nullable String ref, RowForm form) {
    return new EventStreamSink(socket, loop(), form);
  }

  @Override
  void caughtUp() {}
}
