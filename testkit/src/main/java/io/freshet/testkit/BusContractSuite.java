// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.protocol.json.JsonNumber;
import io.freshet.spi.Bus;
import io.freshet.spi.BusMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What every bus must do for one node alone: its own traffic comes back, in the call, in order.
///
/// [ClusterBusContractSuite] adds what several nodes can expect.
public abstract class BusContractSuite {
  private final List<Bus> opened = new ArrayList<>();

  /// A new node of the installation under test, without a receiver.
  protected abstract Bus open();

  @AfterEach
  void closeAll() {
    opened.forEach(Bus::close);
  }

  /// A node with a receiver that writes down what comes.
  protected final Node node() {
    Bus bus = open();
    opened.add(bus);
    var node = new Node(bus);
    bus.attach(node);
    return node;
  }

  protected static BusMessage event(int number) {
    return new BusMessage.Event("news", JsonNumber.of(number), number);
  }

  /// One node and everything it received, as text.
  protected static final class Node implements Bus.Receiver {
    public final Bus bus;
    private final List<String> received = new ArrayList<>();
    private final Thread owner = Thread.currentThread();

    /// Whether something of its own came on another thread, or something of others on its own.
    private boolean ownElsewhere;

    Node(Bus bus) {
      this.bus = bus;
    }

    public String name() {
      return bus.node();
    }

    @Override
    public synchronized void onMessage(String from, BusMessage message) {
      add(from, message.toString());
    }

    @Override
    public synchronized void onRoster(
        String from, Bus.Roster roster, String name, boolean present) {
      add(from, roster + (present ? " + " : " - ") + name);
    }

    @Override
    public synchronized void onNodeGone(String gone) {
      add(gone, "gone");
    }

    @SuppressWarnings("ReferenceEquality") // threads are identities
    private void add(String from, String what) {
      ownElsewhere |= from.equals(name()) && Thread.currentThread() != owner;
      received.add(from + ": " + what);
    }

    public synchronized List<String> received() {
      return List.copyOf(received);
    }

    /// What it received from one node.
    public synchronized List<String> received(Node from) {
      return received.stream().filter(each -> each.startsWith(from.name() + ": ")).toList();
    }
  }

  @Test
  void anEventComesBackWithinTheCall() {
    Node node = node();
    node.bus.publish(event(1));
    assertEquals(List.of(node.name() + ": " + event(1)), node.received());
  }

  @Test
  void aMessageToOneselfComesBackWithinTheCall() {
    Node node = node();
    var message = new BusMessage.Accepted(7);
    node.bus.send(node.name(), message);
    assertEquals(List.of(node.name() + ": " + message), node.received());
  }

  @Test
  void aMessageToANodeThatIsNotThereIsDropped() {
    Node node = node();
    node.bus.send(node.name() + "-gone", new BusMessage.Accepted(7));
    node.bus.publish(event(1));
    assertEquals(List.of(node.name() + ": " + event(1)), node.received());
  }

  @Test
  void rosterEntriesComeBackWithinTheCall() {
    Node node = node();
    node.bus.enter(Bus.Roster.USERS, "ada");
    node.bus.enter(Bus.Roster.PROCEDURES, "ada");
    node.bus.leave(Bus.Roster.USERS, "ada");
    assertEquals(
        List.of("USERS + ada", "PROCEDURES + ada", "USERS - ada").stream()
            .map(each -> node.name() + ": " + each)
            .toList(),
        node.received());
  }

  @Test
  void ownTrafficComesOnTheCallersThread() {
    Node node = node();
    node.bus.publish(event(1));
    node.bus.send(node.name(), event(2));
    node.bus.enter(Bus.Roster.USERS, "ada");
    assertEquals(3, node.received().size());
    assertEquals(false, node.ownElsewhere);
  }

  @Test
  void everythingComesInTheOrderItWasSent() {
    Node node = node();
    sendMixed(node, node, 200);
    assertEquals(mixed(node, 200), node.received());
  }

  @Test
  void nothingIsReceivedAfterTheClose() {
    Node node = node();
    node.bus.enter(Bus.Roster.USERS, "ada");
    List<String> before = node.received();
    node.bus.close();
    node.bus.publish(event(1));
    node.bus.send(node.name(), event(2));
    assertEquals(before, node.received());
  }

  /// Messages to all, messages to one and roster entries by turns.
  protected static void sendMixed(Node from, Node to, int count) {
    List<IntConsumer> ways =
        List.of(
            i -> from.bus.publish(event(i)),
            i -> from.bus.send(to.name(), event(i)),
            i -> from.bus.enter(Bus.Roster.PROCEDURES, "p" + i),
            i -> from.bus.leave(Bus.Roster.PROCEDURES, "p" + (i - 1)));
    IntStream.range(0, count).forEach(i -> ways.get(i % 4).accept(i));
  }

  /// What [#sendMixed] must lead to.
  protected static List<String> mixed(Node from, int count) {
    return IntStream.range(0, count)
        .mapToObj(i ->
            switch (i % 4) {
              case 2 -> "PROCEDURES + p" + i;
              case 3 -> "PROCEDURES - p" + (i - 1);
              default -> event(i).toString();
            })
        .map(each -> from.name() + ": " + each)
        .toList();
  }
}
