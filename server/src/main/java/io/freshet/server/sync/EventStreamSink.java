// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.feed.Publication;
import io.freshet.protocol.Change;
import io.freshet.protocol.EventId;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.stream.StreamLag;
import io.freshet.server.stream.StreamSink;
import org.jspecify.annotations.Nullable;

/// How one stream's client is told of things in Server-Sent Events. Nothing is acknowledged: a
/// client that comes back says where it was in `Last-Event-ID`.
///
/// Threading: as [StreamSink] says.
final class EventStreamSink implements StreamSink {
  private final StreamSocket socket;
  private final SyncLoop loop;
  private final RowForm form;

  EventStreamSink(StreamSocket socket, SyncLoop loop, RowForm form) {
    this.socket = socket;
    this.loop = loop;
    this.form = form;
  }

  @Override
  public void opened(@Nullable EventId after, boolean resumed) {
    JsonOutput out = loop.output().raw("event: streaming\ndata: {\"resumedAfter\":");
    if (after == null) {
      out.raw("null");
    } else {
      out.raw("\"").raw(after.text()).raw("\"");
    }
    socket.send(out.raw("}\n\n").toBytes());
  }

  @Override
  public int send(Publication publication) {
    return send(publication.change(), StreamEvents.of(publication, form).event());
  }

  @Override
  public int send(Change change) {
    JsonOutput out = loop.output();
    StreamEvents.write(out, change, form);
    return send(change, out.toBytes());
  }

  private int send(Change change, byte[] event) {
    JsonOutput out = loop.output().raw("event: ").raw(StreamEvents.action(change).text());
    out.raw("\nid: ").raw(change.id().text()).raw("\ndata: ").raw(event).raw("\n\n");
    socket.send(out.bytes(), 0, out.length());
    return out.length();
  }

  @Override
  public boolean hasRoom() {
    return socket.takesMore();
  }

  @Override
  public void lag(StreamLag lag) {
    JsonOutput out = loop.output().raw("event: state\ndata: {");
    ServerFrames.writeLag(out, lag).raw("}\n\n");
    socket.send(out.bytes(), 0, out.length());
  }

  @Override
  public void failed(ErrorCode code, String message) {
    socket.fail(Problem.of(code, message));
  }

  @Override
  public void stopped() {
    socket.close();
  }

  /// Nothing ever comes from its client, but it has no name that others could want.
  @Override
  public void askForSign(Runnable whenHeard) {}

  @Override
  public String client() {
    return socket.client();
  }
}
