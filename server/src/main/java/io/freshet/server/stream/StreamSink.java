// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.stream;

import io.freshet.engine.feed.Publication;
import io.freshet.protocol.Change;
import io.freshet.protocol.EventId;
import io.freshet.protocol.error.ErrorCode;
import org.jspecify.annotations.Nullable;

/// How one stream's client is told of things: the door's part of it.
///
/// Threading: the event loop, except [#client].
public interface StreamSink {
  /// What [#send] returns for a change that this door cannot show.
  int NOT_SHOWN = -1;

  /// The stream has a place; nothing behind it is missed.
  ///
  /// @param after the last change before its first one; null when that is not known
  /// @param resumed whether the place was kept under its name
  void opened(@Nullable EventId after, boolean resumed);

  /// Sends an event that others are sent too.
  ///
  /// @return its bytes, or [#NOT_SHOWN]
  int send(Publication publication);

  /// Sends an event.
  ///
  /// @return its bytes, or [#NOT_SHOWN]
  int send(Change change);

  /// Whether the client takes more.
  boolean hasRoom();

  /// How far the stream is behind has changed. Called about once a second.
  void lag(StreamLag lag);

  /// The stream is over, or could not begin.
  void failed(ErrorCode code, String message);

  /// The stream is over because its client wanted that; nothing of it was sent since.
  void stopped();

  /// Finds out whether the client is there.
  ///
  /// @param whenHeard runs when something is heard of it
  void askForSign(Runnable whenHeard);

  /// Which client it is, for people; any thread.
  String client();
}
