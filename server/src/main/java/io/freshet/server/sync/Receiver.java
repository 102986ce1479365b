// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.guard.Principal;
import io.freshet.server.gate.DoorSocket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// One connection as those see it who have events for it: its subscriptions that are live, and what
/// is held back because it reads slowly or wants it so.
///
/// Threading: confined to one event loop.
final class Receiver {
  /// Of the bytes that may wait for a connection, one in so many may before events are held back.
  private static final int SOFT_SHARE = 8;

  /// Documents held back for one connection.
  private static final int HELD_MAX = 16_384;

  private final DoorSocket socket;
  private final SyncLoop loop;
  private final Principal principal;
  private final Places places;

  /// What a slow reader is not sent yet.
  private final NewestStates newest = new NewestStates();

  /// What is sent every so often, by how often in milliseconds.
  private final Map<Integer, Timed> timed = new HashMap<>(0);

  private static final class Timed {
    final NewestStates newest = new NewestStates();
    boolean due;
  }

  Receiver(DoorSocket socket, SyncLoop loop, Principal principal, Transport transport) {
    this.socket = socket;
    this.principal = principal;
    this.loop = loop;
    this.places = new Places(this, loop.fanOut(), transport);
  }

  DoorSocket socket() {
    return socket;
  }

  Principal principal() {
    return principal;
  }

  /// Whether something is held back for it.
  boolean isHolding() {
    return !newest.isEmpty() || timed.values().stream().anyMatch(each -> !each.newest.isEmpty());
  }

  /// The places of its subscriptions in the loop's index.
  Places places() {
    return places;
  }

  // What is sent.

  /// Takes what is for this receiver alone.
  void receive(List<Delivery> deliveries) {
    for (int i = 0; i < deliveries.size(); i++) {
      Delivery each = deliveries.get(i);
      if (each.conflateMs() > 0) {
        hold(each);
        continue;
      }
      byte[] frame = each.frame(loop.output());
      if (isBehind(frame.length, each.conflateMs() == Wish.WHEN_SLOW)) {
        hold(each);
      } else {
        socket.send(frame);
      }
    }
  }

  /// Whether so many more bytes have to be held back: while some are, so that nothing is overtaken;
  /// when the reader is slow; and when they are more than fit.
  ///
  /// @param conflated whether it wants no more than the newest as soon as it is slow at all
  boolean isBehind(int bytes, boolean conflated) {
    if (!newest.isEmpty()) {
      return true;
    }
    int max = loop.bounds().pendingBytesMax();
    if (socket.isWritable()) {
      return bytes > max / 2;
    }
    return conflated || socket.connection().pendingBytes() + bytes > max / SOFT_SHARE;
  }

  /// Keeps the newest states until the reader has read.
  void hold(List<Delivery> deliveries) {
    for (int i = 0; i < deliveries.size(); i++) {
      hold(deliveries.get(i));
    }
    goOn();
  }

  private void hold(Delivery delivery) {
    int everyMs = delivery.conflateMs();
    if (everyMs <= 0) {
      keep(newest, delivery);
      return;
    }
    Timed interval = timed.computeIfAbsent(everyMs, each -> new Timed());
    boolean first = interval.newest.isEmpty();
    keep(interval.newest, delivery);
    if (first) {
      loop.after(
          everyMs,
          () -> {
            interval.due = true;
            goOn();
          });
    }
  }

  private void keep(NewestStates states, Delivery delivery) {
    states.put(delivery);
    loop.holds(this);
    if (states.size() > HELD_MAX || states.bytes() > loop.bounds().pendingBytesMax()) {
      loop.tooSlow(socket);
    }
  }

  /// Sends of what is held back as much as the reader takes.
  void goOn() {
    drain(newest);
    drainTimed();
    if (!isHolding()) {
      loop.forget(this);
    }
  }

  private void drainTimed() {
    for (Timed interval : timed.values()) {
      if (interval.due) {
        drain(interval.newest);
        interval.due = !interval.newest.isEmpty();
      }
    }
  }

  private void drain(NewestStates states) {
    int most = loop.bounds().pendingBytesMax() / SOFT_SHARE;
    while (!states.isEmpty() && socket.isOpen() && socket.isWritable()) {
      socket.send(states.take(loop.output(), loop.meter()::skipped));
      if (socket.connection().pendingBytes() > most) {
        break;
      }
    }
  }
}
