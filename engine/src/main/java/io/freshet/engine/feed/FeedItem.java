// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.feed;

import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import java.util.List;

/// What leaves through an outlet. The loop handles items one after the other, each whole.
public sealed interface FeedItem {
  /// Changes of one commit batch of documents that sessions of this outlet watch, in log order.
  record Changes(List<Publication> publications) implements FeedItem {}

  /// The answer to one command. Handling it calls [ReplyTo#reply].
  record Answer(ReplyTo replyTo, Outcome outcome) implements FeedItem {}

  /// A watched document was read again from the store and differs from what was known: every
  /// watcher needs its current state.
  record Refreshed(Document current) implements FeedItem {}

  /// A provider took over, or gave up, the watched document.
  record ProviderChanged(DocumentKey key, boolean hasProvider) implements FeedItem {}

  /// Something for one listening session.
  record ToListener(Session session, ListenSignal signal) implements FeedItem {}
}
