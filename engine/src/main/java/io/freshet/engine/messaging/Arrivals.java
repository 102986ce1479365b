// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.messaging;

import io.freshet.spi.Bus;
import io.freshet.spi.BusMessage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/// Takes what the bus delivers. A node's own traffic comes on the engine's thread and goes on at
/// once; what other nodes send is carried over to that thread.
///
/// Bound: of the events of other nodes a number may wait for the engine; more are dropped and
/// counted, as events are promised at most once. What belongs to calls and rosters is not dropped:
/// its amount is bounded by the calls under way, the providers and the users.
final class Arrivals implements Bus.Receiver {
  private final String node;
  private final Bus.Receiver receiver;
  private final Consumer<Runnable> onEngineThread;
  private final int eventsMax;
  private final AtomicInteger eventsWaiting = new AtomicInteger();
  private final LongAdder eventsDropped = new LongAdder();

  /// @param node this node's name
  /// @param receiver called on the engine's thread
  /// @param eventsMax most events of other nodes that may wait
  Arrivals(String node, Bus.Receiver receiver, Consumer<Runnable> onEngineThread, int eventsMax) {
    this.node = node;
    this.receiver = receiver;
    this.onEngineThread = onEngineThread;
    this.eventsMax = eventsMax;
  }

  /// Events of other nodes that were dropped because the engine was behind; any thread.
  long eventsDropped() {
    return eventsDropped.sum();
  }

  /// Whether that is this node's name.
  boolean isOwn(String from) {
    return from.equals(node);
  }

  @Override
  public void onMessage(String from, BusMessage message) {
    if (isOwn(from)) {
      receiver.onMessage(from, message);
    } else if (message instanceof BusMessage.Event event) {
      onForeignEvent(from, event);
    } else {
      onEngineThread.accept(() -> receiver.onMessage(from, message));
    }
  }

  private void onForeignEvent(String from, BusMessage.Event event) {
    if (eventsWaiting.incrementAndGet() > eventsMax) {
      eventsWaiting.decrementAndGet();
      eventsDropped.increment();
      return;
    }
    onEngineThread.accept(() -> {
      eventsWaiting.decrementAndGet();
      receiver.onMessage(from, event);
    });
  }

  @Override
  public void onRoster(String from, Bus.Roster roster, String name, boolean present) {
    if (isOwn(from)) {
      receiver.onRoster(from, roster, name, present);
    } else {
      onEngineThread.accept(() -> receiver.onRoster(from, roster, name, present));
    }
  }

  @Override
  public void onNodeGone(String gone) {
    onEngineThread.accept(() -> receiver.onNodeGone(gone));
  }
}
