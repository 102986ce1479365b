// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.server.deepstream.wire.WireReader;

/// What one topic does with the messages of logged-in sessions. One instance per event loop.
///
/// Threading: confined to that event loop.
interface TopicHandler {
  /// @param body valid during this call
  /// @throws UndecodableException when the body is not a message of this topic
  void onMessage(DeepstreamSession session, WireReader body);
}
