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

/// How one stream's client is told of things on `/ws`.
///
/// Threading: as [StreamSink] says.
final class SocketSink implements StreamSink {
  private final SyncSocket socket;
  private final SyncLoop loop;
  private final String streamId;
  private final @Nullable String ref;
  private final RowForm form;
  private final Runnable onOver;

  /// @param ref the client's name for it; null for none
  /// @param onOver runs when the stream is over
  SocketSink(
      SyncSocket socket,
      SyncLoop loop,
      String streamId,
      @Nullable String ref,
      RowForm form,
      Runnable onOver) {
    this.socket = socket;
    this.loop = loop;
    this.streamId = streamId;
    this.ref = ref;
    this.form = form;
    this.onOver = onOver;
  }

  @Override
  public void opened(@Nullable EventId after, boolean resumed) {
    socket.send(ServerFrames.streaming(loop.output(), streamId, ref, after, resumed));
  }

  @Override
  public int send(Publication publication) {
    byte[] frame = StreamEvents.of(publication, form).frame(streamId, loop.output());
    socket.send(frame);
    return frame.length;
  }

  @Override
  public int send(Change change) {
    JsonOutput out = StreamEvents.writeFrameHead(loop.output(), streamId);
    StreamEvents.write(out, change, form);
    socket.send(out.raw("}"));
    return out.length();
  }

  @Override
  public boolean hasRoom() {
    return socket.takesMore();
  }

  @Override
  public void lag(StreamLag lag) {
    socket.send(ServerFrames.streamState(loop.output(), streamId, lag));
  }

  @Override
  public void failed(ErrorCode code, String message) {
    onOver.run();
    loop.meter().refused(code);
    Problem why = Problem.of(code, message);
    socket.send(ServerFrames.streamFailed(loop.output(), streamId, ref, why));
    socket.send(ServerFrames.stopped(loop.output(), streamId, null));
  }

  @Override
  public void stopped() {
    onOver.run();
    socket.send(ServerFrames.stopped(loop.output(), streamId, null));
  }

  @Override
  public void askForSign(Runnable whenHeard) {
    socket.askForSign(whenHeard);
  }

  @Override
  public String client() {
    return socket.client();
  }
}
