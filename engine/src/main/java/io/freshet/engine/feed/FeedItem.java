// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.feed;

import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
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

  /// The rules have changed, or the document: a session has something no more that it had. Nothing
  /// of it comes behind this.
  record NoMore(Session session, Ended what, ErrorCode code, String message) implements FeedItem {}

  /// The rules have changed. To every outlet that has something open: what it holds back was judged
  /// by the rules before.
  enum RulesChanged implements FeedItem {
    RULES_CHANGED
  }

  /// Something for one listening session.
  record ToListener(Session session, ListenTopic topic, ListenSignal signal) implements FeedItem {}

  /// Events that sessions of this outlet subscribe to, in the order they were emitted. All of a
  /// turn stand in one item at its end: behind the answer to a subscription that came before them.
  record Events(List<Emission> emissions) implements FeedItem {}

  /// A call for a provider.
  record ToProvider(Session session, CallOffer offer) implements FeedItem {}

  /// What became of a call.
  record ToCaller(Session session, String name, String correlationId, CallSignal signal)
      implements FeedItem {}

  /// A user's first connection came, or its last one went. Given to outlets with a session that
  /// watches this user or everybody.
  record PresenceChanged(String user, boolean online) implements FeedItem {}
}
