// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.Authenticator.Verdict.Accepted;
import io.freshet.testkit.VirtualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionsTest {
  private final VirtualClock clock = VirtualClock.atNoon();
  private final Revocations revocations = new Revocations();
  private final List<Timer> timers = new ArrayList<>();
  private final Connections connections =
      new Connections(
          clock,
          (delay, task) -> {
            var timer = new Timer(clock.instant().plus(delay), task);
            timers.add(timer);
            return () -> timers.remove(timer);
          },
          revocations);
  private final List<String> closed = new ArrayList<>();

  private void add(long id, String user) {
    add(id, user, null, null, connections.mark());
  }

  private void add(long id, String user, Instant end, String credential, long mark) {
    var login = new Accepted(user, JsonObject.empty(), null, null, end, credential);
    connections.add(id, login, mark, "/door", "10.0.0.1", why -> closed.add(user + id + " " + why));
  }

  private record Timer(Instant due, Runnable task) {}

  /// Lets time pass; timers ring when they are due.
  private void pass(Duration time) {
    clock.advance(time);
    for (Timer timer : List.copyOf(timers)) {
      if (!timer.due().isAfter(clock.instant())) {
        timers.remove(timer);
        timer.task().run();
      }
    }
  }

  @Test
  void areClosedWhenTheirLoginsTimeIsOver() {
    add(1, "a", clock.instant().plusSeconds(30), null, connections.mark());
    add(2, "b", clock.instant().plus(Duration.ofHours(1)), null, connections.mark());
    add(3, "c", clock.instant(), null, connections.mark());
    assertEquals(List.of("c3 LOGIN_OVER"), closed, "over before it began");
    pass(Duration.ofSeconds(29));
    assertEquals(List.of("c3 LOGIN_OVER"), closed);
    pass(Duration.ofSeconds(1));
    assertEquals(List.of("c3 LOGIN_OVER", "a1 LOGIN_OVER"), closed);
    for (int minute = 0; minute < 59; minute++) {
      pass(Duration.ofMinutes(1));
    }
    assertEquals(List.of("c3 LOGIN_OVER", "a1 LOGIN_OVER"), closed);
    pass(Duration.ofSeconds(30));
    assertEquals(List.of("c3 LOGIN_OVER", "a1 LOGIN_OVER", "b2 LOGIN_OVER"), closed);
  }

  @Test
  void leaveNoTimerBehind() {
    add(1, "a", clock.instant().plusSeconds(30), null, connections.mark());
    add(2, "b");
    assertEquals(1, timers.size());
    connections.remove(1);
    assertEquals(0, timers.size());
  }

  @Test
  void areClosedWhenTheirLoginIsTakenBack() {
    long before = connections.mark();
    add(1, "a", null, "key:1", before);
    add(2, "b", null, "key:2", before);
    add(3, "c");
    revocations.revoke("key:1");
    assertEquals(List.of("a1 LOGIN_REVOKED"), closed);
    add(4, "d", null, "key:1", before);
    assertEquals(
        List.of("a1 LOGIN_REVOKED", "d4 LOGIN_REVOKED"), closed, "judged before it was taken back");
    add(5, "e", null, "key:1", connections.mark());
    assertEquals(List.of("a1 LOGIN_REVOKED", "d4 LOGIN_REVOKED"), closed, "judged after");
  }

  @Test
  void liveAsLongAsTheirLatestLogin() {
    add(1, "a", clock.instant().plusSeconds(30), "key:1", connections.mark());
    var renewed =
        new Accepted("a", JsonObject.empty(), null, null, clock.instant().plusSeconds(60), "key:2");
    connections.renew(1, renewed, connections.mark());
    connections.renew(2, renewed, connections.mark());
    assertEquals(1, timers.size(), "the first login's is gone");
    revocations.revoke("key:1");
    pass(Duration.ofSeconds(30));
    assertEquals(List.of(), closed);
    pass(Duration.ofSeconds(30));
    assertEquals(List.of("a1 LOGIN_OVER"), closed);
    long mark = connections.mark();
    revocations.revoke("key:3");
    connections.renew(1, new Accepted("a", JsonObject.empty(), null, null, null, "key:3"), mark);
    assertEquals(List.of("a1 LOGIN_OVER", "a1 LOGIN_REVOKED"), closed);
  }

  @Test
  void areClosedWhenNobodyKnowsWhatWasTakenBackInTheMeantime() {
    long before = connections.mark();
    for (int i = 0; i <= 1024; i++) {
      revocations.revoke("key:" + i);
    }
    add(1, "a", null, "key:x", before);
    add(2, "b", null, null, before);
    assertEquals(List.of("a1 LOGIN_REVOKED"), closed);
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
    assertEquals(List.of("b2 ADMINISTRATOR"), closed);
    assertEquals(2, connections.closeAllOf("a"));
    assertEquals(0, connections.closeAllOf("c"));
    assertEquals(
        List.of("a1 ADMINISTRATOR", "a3 ADMINISTRATOR", "b2 ADMINISTRATOR"),
        closed.stream().sorted().toList());
    assertEquals(3, ids().size(), "they leave the list when they are gone, not when they are told");
  }

  @Test
  void areBoundedPerUser() {
    var bounded = new Connections(clock, (delay, task) -> () -> {}, revocations, 2);
    assertTrue(enter(bounded, 1, "a"));
    assertTrue(enter(bounded, 2, "a"));
    assertTrue(enter(bounded, 3, "b"));
    assertFalse(bounded.hasRoom("a"));
    assertFalse(enter(bounded, 4, "a"));
    bounded.remove(4);
    assertFalse(enter(bounded, 5, "a"), "what was refused was not counted");
    bounded.remove(1);
    assertTrue(bounded.hasRoom("a"));
    assertTrue(enter(bounded, 6, "a"));
    assertEquals(3, bounded.list().size());
    assertEquals(3, bounded.refused());
  }

  private boolean enter(Connections bounded, long id, String user) {
    var login = new Accepted(user, JsonObject.empty(), null, null, null, null);
    return bounded.add(id, login, bounded.mark(), "/door", "10.0.0.1", why -> {});
  }
}
