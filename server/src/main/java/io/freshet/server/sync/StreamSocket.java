// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.guard.Principal;
import io.freshet.server.net.Connection;
import io.freshet.server.net.MessageKind;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/// One stream of Server-Sent Events: says nothing but events, and a comment now and then so that
/// everybody on the way knows it is alive.
///
/// Threading: confined to the connection's event loop.
final class StreamSocket extends SubscriberSocket<StreamSession> {
  private static final byte[] HEARTBEAT = ":\n\n".getBytes(StandardCharsets.US_ASCII);

  private long beatNanos;

  StreamSocket(Connection connection, SyncLoop loop, long nowNanos) {
    super(connection, loop, nowNanos);
    this.beatNanos = nowNanos;
  }

  @Override
  StreamSession session(Principal principal) {
    return new StreamSession(this, loop(), principal);
  }

  @Override
  public void onMessage(MessageKind kind, ByteBuf payload) {
    throw new IllegalStateException("nothing is read from a stream of events");
  }

  /// Its client has nothing to say: only by writing does one learn that it is gone.
  @Override
  public void onTick(long nowNanos) {
    heard();
    if (nowNanos - beatNanos >= loop().bounds().heartbeatInterval().toNanos()) {
      beatNanos = nowNanos;
      send(HEARTBEAT);
    }
    super.onTick(nowNanos);
  }

  @Override
  protected void silent() {
    throw new IllegalStateException("a stream is always heard");
  }

  /// There is nobody to ask again: the stream ends, and its client may open it anew.
  void fail(Problem why) {
    loop().meter().refused(why.code());
    JsonOutput out = loop().output().raw("event: problem\ndata: {");
    why.writeMembers(out, null);
    send(out.raw("}\n\n").toBytes());
    close();
  }
}
