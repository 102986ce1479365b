// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.EventId;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.gate.Follows;
import io.freshet.server.stream.ChangeStream;
import io.freshet.server.stream.StreamSink;
import io.freshet.server.stream.StreamWish;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The change streams of one connection.
///
/// Threading: confined to the connection's event loop.
final class SessionStreams {
  private final Subscriber session;
  private final Follows follows;
  private final Map<String, ChangeStream> streams = new LinkedHashMap<>(2);
  private int last;

  SessionStreams(Subscriber session, Follows follows) {
    this.session = session;
    this.follows = follows;
  }

  /// @param ref the client's name for it; null for none
  void begin(@Nullable String ref, StreamWish wish) {
    int max = session.loop().shared().options().subscriptionsMax();
    if (streams.size() >= max) {
      String why = "A connection may hold at most %d streams".formatted(max);
      session.refused(ref, Problem.of(ErrorCode.LIMIT_REACHED, why));
      return;
    }
    String id = "st" + ++last;
    StreamSink sink = session.sink(id, ref, form(wish));
    streams.put(id, session.loop().streams().open(session, follows, wish, sink));
  }

  private RowForm form(StreamWish wish) {
    return wish.typed() ? session.loop().shared().typedRows() : RowForm.Plain.PLAIN;
  }

  /// An acknowledgement of a stream that has ended is none.
  void acknowledge(String streamId, EventId id) {
    ChangeStream stream = streams.get(streamId);
    if (stream != null) {
      stream.acknowledge(id);
    }
  }

  /// @return whether there was one of that id
  boolean stop(String streamId, @Nullable String ref) {
    ChangeStream stream = streams.get(streamId);
    if (stream == null || stream.isOver()) {
      return false;
    }
    stream.stop();
    return true;
  }

  /// The stream is over.
  void over(String streamId) {
    streams.remove(streamId);
  }

  /// The client takes more.
  void goOn() {
    for (ChangeStream each : List.copyOf(streams.values())) {
      each.goOn();
    }
  }

  void leave() {
    streams.values().forEach(ChangeStream::leave);
    streams.clear();
  }
}
