// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.guard.Principal;
import io.freshet.server.gate.DoorSocket;
import io.freshet.server.net.Connection;
import io.freshet.server.session.Ending;
import io.freshet.spi.Authenticator.Verdict.Accepted;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One connection of the documents face, whatever its transport, with what it is while it is logged
/// in.
///
/// Threading: confined to the connection's event loop.
///
/// @param <S> its session
abstract class SubscriberSocket<S extends Subscriber> extends DoorSocket {
  private static final int STREAMED_BYTES_MAX = 256 << 10;

  private final SyncLoop loop;
  private @Nullable S session;

  SubscriberSocket(Connection connection, SyncLoop loop, long nowNanos) {
    super(connection, loop, nowNanos);
    this.loop = loop;
  }

  final SyncLoop loop() {
    return loop;
  }

  /// Null before the login and after the end.
  @Override
  protected final @Nullable S session() {
    return session;
  }

  abstract S session(Principal principal);

  /// @param mark of the connections, taken before the login was judged
  /// @param door the path it came to
  /// @param end ends it
  /// @return null if its user has too many connections; then nothing has happened
  final @Nullable S loggedIn(
      Accepted login, long mark, String door, String remoteAddress, Consumer<Ending> end) {
    boolean room =
        loop.shared()
            .connections()
            .add(
                connection().id(),
                login,
                mark,
                door,
                remoteAddress,
                why -> loop.run(() -> end.accept(why)));
    if (!room) {
      return null;
    }
    S begun = session(new Principal(login.userId(), login.serverData(), login.clientData()));
    session = begun;
    return begun;
  }

  /// Whether a stream may send more. Up to here nothing waits for long: a ping has its answer
  /// within a second.
  final boolean takesMore() {
    return isWritable() || connection().pendingBytes() < STREAMED_BYTES_MAX;
  }

  /// Which client it is, for people; any thread.
  final String client() {
    return "connection " + connection().id() + " from " + connection().remoteAddress();
  }

  @Override
  public final void onWritabilityChanged(boolean nowWritable) {
    super.onWritabilityChanged(nowWritable);
    S present = session;
    if (nowWritable && present != null) {
      present.onWritable();
    }
  }

  @Override
  public void onClosed() {
    super.onClosed();
    S present = session;
    session = null;
    if (present != null) {
      loop.shared().connections().remove(connection().id());
      present.leave();
    }
  }

  @Override
  protected final void slow() {
    loop.tooSlow(this);
  }
}
