// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.Bus;
import io.freshet.spi.BusMessage;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Several nodes in one process. What goes to other nodes waits until [#pump] delivers it, in the
/// order it was sent; a node can be made to vanish, or to be unable to send.
///
/// Threading: nodes may be used by different threads, and deliveries happen on the one that pumps.
public final class MemoryBus {
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final ArrayDeque<Delivery> deliveries = new ArrayDeque<>();

  private record Entry(Bus.Roster roster, String name) {}

  /// What waits, for one node.
  private record Delivery(String from, Node to, Runnable task) {}

  /// Adds a node. It learns what the others stand for when it is attached.
  public synchronized Bus join(String name) {
    var node = new Node(name);
    if (nodes.putIfAbsent(name, node) != null) {
      throw new IllegalArgumentException("there is a node " + name);
    }
    return node;
  }

  /// Delivers one thing to one node.
  ///
  /// @return false when nothing waits
  public synchronized boolean pumpOne() {
    Delivery next = deliveries.poll();
    if (next == null) {
      return false;
    }
    next.task.run();
    return true;
  }

  /// Delivers until nothing waits.
  public void pump() {
    while (pumpOne()) {
      // again
    }
  }

  /// The node vanishes: what it sent and was not delivered yet is lost, and so is what it would
  /// have received. The others are told.
  public synchronized void crash(String name) {
    Node gone = nodes.remove(name);
    if (gone == null) {
      throw new IllegalArgumentException("there is no node " + name);
    }
    deliveries.removeIf(each -> each.from.equals(name));
    end(gone);
  }

  /// Whether the node cannot send messages to others for now.
  public synchronized void refuse(String name, boolean refuses) {
    Node node = nodes.get(name);
    if (node != null) {
      node.refuses = refuses;
    }
  }

  @SuppressWarnings("ReferenceEquality") // nodes are identities
  private void end(Node gone) {
    gone.closed = true;
    deliveries.removeIf(each -> each.to == gone);
    for (Node other : nodes.values()) {
      deliveries.add(new Delivery(gone.name, other, () -> other.forget(gone.name)));
    }
  }

  private final class Node implements Bus {
    private final String name;
    private final Set<Entry> own = new HashSet<>();

    /// What this node was told about the others.
    private final Map<String, Set<Entry>> known = new HashMap<>();

    private @Nullable Receiver receiver;
    private boolean refuses;
    private boolean closed;

    Node(String name) {
      this.name = name;
    }

    @Override
    public String node() {
      return name;
    }

    @Override
    public void attach(Receiver attached) {
      synchronized (MemoryBus.this) {
        if (receiver != null) {
          throw new IllegalStateException("a receiver is attached already");
        }
        receiver = attached;
        for (Node other : nodes.values()) {
          other.own.forEach(entry -> tell(other, this, entry, true));
        }
      }
    }

    private Receiver receiver() {
      Receiver attached = receiver;
      if (attached == null) {
        throw new IllegalStateException("nobody receives yet");
      }
      return attached;
    }

    @Override
    public void publish(BusMessage message) {
      synchronized (MemoryBus.this) {
        if (closed) {
          return;
        }
        requireRoom();
        for (Node other : others()) {
          deliveries.add(
              new Delivery(name, other, () -> other.receiver().onMessage(name, message)));
        }
      }
      receiver().onMessage(name, message);
    }

    @Override
    public void send(String to, BusMessage message) {
      if (to.equals(name)) {
        if (!closed) {
          receiver().onMessage(name, message);
        }
        return;
      }
      synchronized (MemoryBus.this) {
        Node other = nodes.get(to);
        if (other != null && !closed) {
          requireRoom();
          deliveries.add(
              new Delivery(name, other, () -> other.receiver().onMessage(name, message)));
        }
      }
    }

    private void requireRoom() {
      if (refuses) {
        throw new FreshetException(ErrorCode.OVERLOADED, "The bus cannot take this message");
      }
    }

    @Override
    public void enter(Roster roster, String entry) {
      announce(new Entry(roster, entry), true);
    }

    @Override
    public void leave(Roster roster, String entry) {
      announce(new Entry(roster, entry), false);
    }

    private void announce(Entry entry, boolean present) {
      synchronized (MemoryBus.this) {
        if (closed) {
          return;
        }
        if (!(present ? own.add(entry) : own.remove(entry))) {
          throw new IllegalStateException(name + " said so before: " + entry + " " + present);
        }
        others().forEach(other -> tell(this, other, entry, present));
      }
      receiver().onRoster(name, entry.roster, entry.name, present);
    }

    private Iterable<Node> others() {
      return nodes.values().stream().filter(other -> !other.name.equals(name)).toList();
    }

    private static void unknown(boolean changed, Entry entry) {
      if (!changed) {
        throw new IllegalStateException("told twice: " + entry);
      }
    }

    private void tell(Node from, Node to, Entry entry, boolean present) {
      if (to.receiver != null) {
        deliveries.add(new Delivery(from.name, to, () -> to.learn(from.name, entry, present)));
      }
    }

    private void learn(String from, Entry entry, boolean present) {
      Set<Entry> entries = known.computeIfAbsent(from, n -> new HashSet<>());
      unknown(present ? entries.add(entry) : entries.remove(entry), entry);
      receiver().onRoster(from, entry.roster, entry.name, present);
    }

    private void forget(String gone) {
      Set<Entry> entries = known.remove(gone);
      if (entries != null) {
        entries.forEach(entry -> receiver().onRoster(gone, entry.roster, entry.name, false));
      }
      receiver().onNodeGone(gone);
    }

    @Override
    public void close() {
      synchronized (MemoryBus.this) {
        if (!closed && nodes.remove(name) != null) {
          end(this);
        }
      }
    }
  }
}
