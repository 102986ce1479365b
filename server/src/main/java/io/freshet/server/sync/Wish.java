// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.command.Interest;
import io.freshet.protocol.filter.Filter;
import io.freshet.protocol.filter.Scope;
import io.freshet.protocol.topic.TopicPattern;

/// What a subscription wants to be told of, and how. Subscriptions with equal wishes and ids are
/// sent the same bytes.
///
/// @param filter of documents; [Filter#ALL] for none
/// @param echo whether the session's own writes are told, too
/// @param conflateMs whether only the newest state of each document is wanted: [#NOT_CONFLATED],
///   [#WHEN_SLOW], or how often at most
record Wish(
    TopicPattern topic, ReturnMode mode, Filter filter, Scope scope, boolean echo, int conflateMs) {
  static final int NOT_CONFLATED = -1;
  static final int WHEN_SLOW = 0;
  static final int CONFLATE_MS_MAX = 60_000;

  Interest interest() {
    String collection = topic.collection();
    return collection == null ? Interest.ALL : new Interest(collection);
  }
}
