// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.DocumentKey;

/// One record a connection has open, or is about to have.
///
/// Threading: confined to the connection's event loop.
final class OpenRecord {
  final SyncSession session;
  final DocumentKey key;

  /// Asked for and not answered yet.
  int unanswered;

  /// Closed by the client: what is still to be answered is not wanted any more.
  boolean isOver;

  /// Whether its changes are sent.
  boolean isLive;

  /// What was sent last. On an outlet with followers a change may come that the state had already.
  long revision;

  OpenRecord(SyncSession session, DocumentKey key) {
    this.session = session;
    this.key = key;
  }
}
