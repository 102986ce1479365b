// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// All streams of a client: they outlive connections.
///
/// Threading: guarded by the hub's lock, except [#add].
final class Streams {
  /// How often a stream that had its name asks for it again: the server may not have noticed yet
  /// that the connection it had it on is gone.
  private static final int OWN_NAME_ASKED_MAX = 5;

  private final Hub hub;
  private final Mapper mapper;
  private final Backoff backoff;
  private final Line line;
  private final Map<String, LiveStream<?>> byRef = new LinkedHashMap<>();

  /// By the ids the server gave them on this connection.
  private final Map<String, LiveStream<?>> byServerId = new HashMap<>();

  private int count;

  Streams(Hub hub, Mapper mapper, Backoff backoff, Line line) {
    this.hub = hub;
    this.mapper = mapper;
    this.backoff = backoff;
    this.line = line;
  }

  <T> LiveStream<T> add(
      String collection, StreamOptions<T> options, DataType<T> type, boolean isLasting) {
    StreamRequest request = StreamRequest.of(collection, options, isLasting);
    return hub.locked(() -> {
      line.requireOpen();
      var stream =
          new LiveStream<T>(
              hub, this, mapper, type, request, "st_" + ++count, line.nextOrder(), options.onLag());
      byRef.put(stream.ref, stream);
      stream.ask();
      return stream;
    });
  }

  Line line() {
    return line;
  }

  void gone(LiveStream<?> stream) {
    byRef.remove(stream.ref);
  }

  /// What a new connection has to send.
  List<Outgoing> waiting() {
    var outgoing = new ArrayList<Outgoing>();
    for (LiveStream<?> each : byRef.values()) {
      outgoing.add(new Outgoing(each.order, each::ask));
    }
    return outgoing;
  }

  void down() {
    byServerId.clear();
    List.copyOf(byRef.values()).forEach(LiveStream::down);
  }

  /// The server is told of all that was handled.
  void flush() {
    byRef.values().forEach(LiveStream::flush);
  }

  /// There will be no connection; without an error, because the program wants none.
  void over(@Nullable FreshetClientException why) {
    List.copyOf(byRef.values()).forEach(each -> each.over(why));
  }

  void opened(Frame frame) {
    LiveStream<?> stream = byRef.get(frame.text("ref", ""));
    if (stream != null) {
      byServerId.put(frame.text("streamId", ""), stream);
      stream.opened(frame);
    }
  }

  void received(Frame frame) {
    LiveStream<?> stream = byServerId.get(frame.text("streamId", ""));
    if (stream != null) {
      stream.received(frame.object("event"));
    }
  }

  void lags(Frame frame) {
    LiveStream<?> stream = byServerId.get(frame.text("streamId", ""));
    if (stream != null) {
      stream.lags(StreamLag.of(frame));
    }
  }

  void stopped(Frame frame) {
    LiveStream<?> stream = byServerId.remove(frame.text("streamId", ""));
    if (stream != null) {
      stream.over(FreshetClientException.unavailable("the server has stopped the stream"));
    }
  }

  /// @return whether the error was about a stream
  boolean refuse(Frame frame) {
    String streamId = frame.text("streamId", "");
    LiveStream<?> stream = byServerId.remove(streamId);
    if (stream == null) {
      stream = byRef.get(frame.text("ref", ""));
    }
    if (stream == null) {
      return false;
    }
    FreshetClientException error = frame.error();
    boolean mayBeOwn =
        error.is("NAME_IN_USE") && stream.hadName() && stream.refusals < OWN_NAME_ASKED_MAX;
    if (streamId.isEmpty() && (error.isPassing() || mayBeOwn)) {
      long waitMs = backoff.waitMs(stream.refusals++, hub.timing().chance());
      stream.askLater(Math.max(waitMs, frame.number("retryAfterMs", 0)));
    } else {
      stream.over(error);
    }
    return true;
  }
}
