// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

/// What the nodes of one installation tell each other and nobody keeps: events, remote procedure
/// calls, and who is there.
///
/// Two things travel. **Messages** go to all nodes or to one, at most once. **Rosters** are state:
/// the names of a kind that at least one session of a node stands for. Each node owns its own
/// entries; every node knows everybody's. When a node is gone its entries are gone, so nothing
/// stale can stay.
///
/// **Order.** What one node sends, roster entries included, arrives everywhere in the order it was
/// sent. There is no order between nodes.
///
/// **Own traffic.** A node receives its own messages and roster entries too: on the calling thread,
/// before the call returns. What comes from other nodes is received on a thread of the bus.
///
/// **Threads.** All methods are called by one thread, the engine's.
///
/// **Bounds.** A bus that cannot take a message for the other nodes throws
/// [io.freshet.protocol.error.FreshetException] `OVERLOADED`, and then nobody receives it. Roster
/// entries are never refused: they are state, and a bus that falls behind sends the whole of it.
public interface Bus extends AutoCloseable {
  /// This node's name; unique among the nodes, and new at each start.
  String node();

  /// Says who receives. Called once, before anything else.
  void attach(Receiver receiver);

  /// Sends to every node, this one included.
  void publish(BusMessage message);

  /// Sends to one node, perhaps this one. A message to a node that is gone is dropped.
  void send(String node, BusMessage message);

  /// This node stands for a name from now on. Called when it did not before.
  void enter(Roster roster, String name);

  /// This node does not stand for the name any more.
  void leave(Roster roster, String name);

  /// Takes this node's entries away everywhere and ends the traffic. Nothing is received after the
  /// return.
  @Override
  void close();

  /// The kinds of names nodes stand for.
  enum Roster {
    /// Procedures somebody provides.
    PROCEDURES,
    /// Users with at least one connection.
    USERS
  }

  /// Where everything arrives.
  interface Receiver {
    /// @param from name of the sending node
    void onMessage(String from, BusMessage message);

    /// A node began, or ceased, to stand for a name.
    void onRoster(String node, Roster roster, String name, boolean present);

    /// Another node is gone. [#onRoster] has been called for all of its entries.
    void onNodeGone(String node);
  }
}
