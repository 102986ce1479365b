// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.testkit.VirtualClock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionsTest {
  private final Connections connections = new Connections(VirtualClock.atNoon());
  private final List<String> closed = new ArrayList<>();

  private void add(long id, String user) {
    connections.add(id, user, "/door", "10.0.0.1", () -> closed.add(user + id));
  }

  private List<Long> ids() {
    return connections.list().stream().map(Connections.Entry::id).toList();
  }

  @Test
  void areListedFromLoginToEnd() {
    add(20, "b");
    add(3, "a");
    assertEquals(List.of(3L, 20L), ids());
    assertEquals("10.0.0.1", connections.list().getFirst().address());
    connections.remove(3);
    connections.remove(99);
    assertEquals(List.of(20L), ids());
  }

  @Test
  void areClosedOneByOneOrByUser() {
    add(1, "a");
    add(2, "b");
    add(3, "a");
    assertTrue(connections.close(2));
    assertFalse(connections.close(9));
    assertEquals(List.of("b2"), closed);
    assertEquals(2, connections.closeAllOf("a"));
    assertEquals(0, connections.closeAllOf("c"));
    assertEquals(List.of("a1", "a3", "b2"), closed.stream().sorted().toList());
    assertEquals(3, ids().size(), "they leave the list when they are gone, not when they are told");
  }
}
