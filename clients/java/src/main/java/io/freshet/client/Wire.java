// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

/// What a connection talks through, from its opening to its end.
///
/// Threading: guarded by the hub's lock, except [#pump].
interface Wire {
  /// Begins one.
  @FunctionalInterface
  interface Opener {
    Wire open(Owner owner);
  }

  /// Told under the hub's lock.
  interface Owner {
    void opened();

    void received(Frame frame);

    void ended(int code, String reason);
  }

  void send(String frame);

  /// Calls back when everything the server sent before it saw this ping has been received.
  void ping(Runnable answered);

  /// From now on a server that says nothing when it is asked counts as gone: asked in every
  /// interval, and sooner when an answer is late.
  void beat(long intervalMs);

  /// Puts what was sent on its way. To be called without the lock.
  void pump();

  /// Ends it because nothing is wanted any more; what was gathered still goes if the wire is free.
  void close();
}
