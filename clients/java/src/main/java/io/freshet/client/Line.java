// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

/// What the parts of a client need of its connection. Guarded by the hub's lock.
interface Line {
  /// @return whether there is a connection; if not, nothing is kept
  boolean send(String frame);

  /// Whether what is asked now would not be sent: nothing is tried, or operations do not wait for a
  /// connection.
  boolean isHopeless();

  /// Of an operation, different from those of all other clients of the same user.
  String requestId(long order);

  /// Whether the server has said welcome.
  boolean isUp();

  /// Calls back when all that the server has sent so far has been received; not if the link falls.
  void barrier(Runnable passed);

  /// Something failed, and nobody waits for it.
  void failed(FreshetClientException why);

  /// Of all that is sent, so that a new connection sends what waits in the order it was asked for.
  long nextOrder();

  Login login();

  /// @throws FreshetClientException `UNAVAILABLE` once the client was closed
  void requireOpen();
}
