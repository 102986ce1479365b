// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.server.deepstream.wire.Topic;
import java.util.concurrent.atomic.AtomicLongArray;

/// The messages of one event loop, counted by topic and action since the start.
///
/// Threading: counted by the event loop alone, so without contention; read from any thread.
final class LoopTraffic {
  /// More than the highest number of an action. What is beyond counts as action 0, unknown.
  static final int ACTIONS = 128;

  /// One more than the highest number of a topic.
  private static final int TOPICS = Topic.PRESENCE.number() + 1;

  private final AtomicLongArray received = new AtomicLongArray(TOPICS * ACTIONS);
  private final AtomicLongArray sent = new AtomicLongArray(TOPICS * ACTIONS);
  private final AtomicLongArray logins = new AtomicLongArray(2);

  void received(Topic topic, int action) {
    add(received, slot(topic, action), 1);
  }

  /// @param receivers who were sent it
  void sent(Topic topic, int action, int receivers) {
    add(sent, slot(topic, action), receivers);
  }

  void login(boolean allowed) {
    add(logins, allowed ? 1 : 0, 1);
  }

  long receivedTotal(Topic topic, int action) {
    return received.getOpaque(slot(topic, action));
  }

  long sentTotal(Topic topic, int action) {
    return sent.getOpaque(slot(topic, action));
  }

  long loginsTotal(boolean allowed) {
    return logins.getOpaque(allowed ? 1 : 0);
  }

  private static int slot(Topic topic, int action) {
    return topic.number() * ACTIONS + (action >= 0 && action < ACTIONS ? action : 0);
  }

  private static void add(AtomicLongArray counters, int slot, int more) {
    counters.setOpaque(slot, counters.getPlain(slot) + more);
  }
}
