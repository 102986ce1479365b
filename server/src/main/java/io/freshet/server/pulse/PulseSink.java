// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import io.freshet.engine.feed.Publication;
import io.freshet.protocol.Change;
import io.freshet.protocol.EventId;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.stream.StreamLag;
import io.freshet.server.stream.StreamSink;
import org.jspecify.annotations.Nullable;

/// How a client is told of things: by events and by the end, it has no ear for anything else.
///
/// Threading: as [StreamSink] says.
final class PulseSink implements StreamSink {
  private final PulseSocket socket;
  private final PulseLoop loop;
  private final PulseLoop.Shape shape;
  private final String client;

  PulseSink(PulseSocket socket, PulseLoop loop, PulseLoop.Shape shape, String client) {
    this.socket = socket;
    this.loop = loop;
    this.shape = shape;
    this.client = client;
  }

  /// The `101` has said so.
  @Override
  public void opened(@Nullable EventId after, boolean resumed) {}

  @Override
  public int send(Publication publication) {
    return send(loop.frame(publication, shape));
  }

  @Override
  public int send(Change change) {
    return send(loop.frame(change, shape));
  }

  private int send(byte[] frame) {
    if (frame.length == 0) {
      return NOT_SHOWN;
    }
    socket.sendText(frame);
    return frame.length;
  }

  @Override
  public boolean hasRoom() {
    return socket.takesMore();
  }

  @Override
  public void lag(StreamLag lag) {}

  /// Its client comes back by itself and is told why in the answer to its handshake.
  @Override
  public void failed(ErrorCode code, String message) {
    loop.meter().ended(PulseMeter.Ended.STREAM);
    socket.close(PulseSocket.POLICY, code + ": " + message);
  }

  @Override
  public void stopped() {}

  @Override
  public void askForSign(Runnable whenHeard) {
    socket.askForSign(whenHeard);
  }

  @Override
  public String client() {
    return client;
  }
}
