// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.gate.DoorMeter;

/// What the Pulse door counts.
///
/// Threading: any thread; must not block.
public interface PulseMeter extends DoorMeter {
  /// Why the server ended a connection.
  enum Ended {
    /// Nothing was heard of it.
    SILENT,
    /// It did not take what it was sent.
    SLOW,
    /// Its login ended, or somebody who administrates the server wanted it.
    LOGIN,
    /// Its stream could not go on, or has another client now.
    STREAM
  }

  /// A handshake was refused.
  void refused(ErrorCode code);

  void ended(Ended why);

  /// How many more clients have a stream, or fewer.
  void subscriptions(long change);

  /// So many values of a row were not of their field's type and were sent as null.
  void mismatched(int values);

  /// A change was not sent because its document is a list.
  void notShown();

  /// A message of a client was no acknowledgement.
  void ignored();
}
