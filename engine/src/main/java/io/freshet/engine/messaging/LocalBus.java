// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.messaging;

import io.freshet.spi.Bus;
import io.freshet.spi.BusMessage;
import org.jspecify.annotations.Nullable;

/// The bus of an installation that is one node: what is sent is received in the same call. It keeps
/// nothing and never refuses.
public final class LocalBus implements Bus {
  private final String node;
  private @Nullable Receiver receiver;
  private boolean closed;

  /// @param node this node's name; new at each start
  public LocalBus(String node) {
    this.node = node;
  }

  @Override
  public String node() {
    return node;
  }

  @Override
  public void attach(Receiver attached) {
    if (receiver != null) {
      throw new IllegalStateException("a receiver is attached already");
    }
    receiver = attached;
  }

  @Override
  public void publish(BusMessage message) {
    if (!closed) {
      receiver().onMessage(node, message);
    }
  }

  @Override
  public void send(String to, BusMessage message) {
    if (to.equals(node)) {
      publish(message);
    }
  }

  @Override
  public void enter(Roster roster, String name) {
    if (!closed) {
      receiver().onRoster(node, roster, name, true);
    }
  }

  @Override
  public void leave(Roster roster, String name) {
    if (!closed) {
      receiver().onRoster(node, roster, name, false);
    }
  }

  private Receiver receiver() {
    Receiver known = receiver;
    if (known == null) {
      throw new IllegalStateException("nobody receives yet");
    }
    return known;
  }

  @Override
  public void close() {
    closed = true;
  }
}
