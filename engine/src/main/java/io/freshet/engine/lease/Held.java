// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.lease;

import io.freshet.engine.feed.Session;
import io.freshet.engine.stream.StreamHolder;
import io.freshet.engine.stream.StreamTerms;
import io.freshet.engine.stream.StreamTicket;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;

/// An open stream.
final class Held {
  final StreamTicket ticket;
  final StreamTerms terms;
  final Session session;
  final StreamHolder holder;

  /// Where its collection's changes are.
  final LogId log;

  /// Everything up to here is done with.
  EventId place;

  Held(
      StreamTicket ticket,
      StreamTerms terms,
      Session session,
      StreamHolder holder,
      LogId log,
      EventId place) {
    this.ticket = ticket;
    this.terms = terms;
    this.session = session;
    this.holder = holder;
    this.log = log;
    this.place = place;
  }
}
