// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.gate.DoorMeter;

/// What the documents' sockets count beyond what sockets count anyway.
///
/// Threading: any event loop and the engine's thread; must not block.
public interface SyncMeter extends DoorMeter {
  /// Counts nothing.
  SyncMeter NONE =
      new SyncMeter() {
        @Override
        public void refused(ErrorCode code) {}

        @Override
        public void ended(Ended why) {}

        @Override
        public void subscriptions(long change) {}

        @Override
        public void skipped(long events) {}

        @Override
        public void backlog(long change) {}
      };

  /// Why the server ended a connection.
  enum Ended {
    /// Nobody logged in in time.
    LOGIN_TIMEOUT,
    /// Too many failed logins.
    LOGIN_FAILED,
    /// Too many connections that have not logged in.
    STRANGERS,
    /// Silent for two heartbeats.
    SILENT,
    /// Read too slowly.
    SLOW
  }

  /// A frame was answered with an error.
  void refused(ErrorCode code);

  void ended(Ended why);

  /// How many more subscriptions there are, or fewer.
  void subscriptions(long change);

  /// Events that a slow subscriber was not sent, because a newer state of the document was there.
  void skipped(long events);
}
