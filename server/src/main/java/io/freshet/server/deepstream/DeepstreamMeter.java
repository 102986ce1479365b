// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.server.gate.DoorMeter;

/// What the deepstream door counts beyond what sockets count anyway (connections, messages, bytes).
///
/// Threading: any event loop and the engine's thread; must not block.

public interface DeepstreamMeter extends DoorMeter {
  /// Counts nothing.
  DeepstreamMeter NONE =
      new DeepstreamMeter() {
        @Override
        public void refused(Refusal kind) {}

        @Override
        public void subscriptions(long change) {}

        @Override
        public void backlog(long change) {}
      };

  /// Why something was not done.
  enum Refusal {
    /// A frame that cannot be read.
    UNDECODABLE,
    /// A message before its time: the wrong topic for the state of the login.
    OUT_OF_TURN,
    /// A topic or action that is not served.
    UNKNOWN,
    /// A payload, name, path or pattern that is not allowed.
    INVALID,
    /// Forbidden by a permission rule.
    DENIED,
    /// A version that does not follow.
    CONFLICT,
    /// A write or deletion of what is not there, a read of nothing.
    NOT_FOUND,
    /// A bound of the connection, or a full engine.
    LIMIT,
    /// The store cannot.
    STORE,
    /// A failed login.
    LOGIN,
    /// Nobody logged in in time.
    LOGIN_TIMEOUT,
    /// Too many connections that have not logged in.
    UNAUTHENTICATED,
    /// Silent for two heartbeats.
    SILENT,
    /// Read too slowly.
    SLOW
  }

  void refused(Refusal kind);

  /// Subscriptions to records, events and users and provided procedures, summed over connections:
  /// how many more, or fewer.
  void subscriptions(long change);
}
