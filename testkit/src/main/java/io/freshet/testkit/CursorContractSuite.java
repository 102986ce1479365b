// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.EventId;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.spi.Cursor;
import io.freshet.spi.CursorLease;
import io.freshet.spi.Cursors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What every store must do with the cursors of named streams (`spi.Cursors`).
public abstract class CursorContractSuite extends StoreContract {
  private static final String NAME = "all-user-events";

  private Cursors cursors() {
    return store().cursors();
  }

  private static EventId at(long offset) {
    return EventId.of(1_000 + offset, 1, offset);
  }

  private @Nullable EventId place(String name) {
    Cursor cursor = cursors().find(name);
    return cursor == null ? at(Integer.MAX_VALUE) : cursor.place();
  }

  @Test
  void beginsWithoutAPlace() {
    assertNull(cursors().find(NAME));

    CursorLease lease = cursors().lease(NAME, "users");

    assertEquals(new Cursor(NAME, "users", null, 0), lease.cursor());
    settle();
    assertEquals(lease.cursor(), cursors().find(NAME));
    assertEquals(List.of(lease.cursor()), cursors().list());
  }

  @Test
  void movesForwardOnly() {
    long token = cursors().lease(NAME, "users").token();
    assertTrue(cursors().advance(NAME, token, at(7)));
    clock.advance(Duration.ofSeconds(5));
    assertTrue(cursors().advance(NAME, token, at(6)));
    assertTrue(cursors().advance(NAME, token, at(7)));

    long first = clock.millis() - 5_000;
    assertEquals(new Cursor(NAME, "users", at(7), first), cursors().find(NAME));
    assertTrue(cursors().advance(NAME, token, at(8)));
    Cursor moved = new Cursor(NAME, "users", at(8), first + 5_000);
    assertEquals(moved, cursors().find(NAME));
    settle();
    assertEquals(moved, cursors().find(NAME));
  }

  @Test
  void beginsAtThePlaceBeforeTheFirstChange() {
    long token = cursors().lease(NAME, "users").token();

    assertTrue(cursors().advance(NAME, token, at(0)));
    settle();

    assertEquals(at(0), place(NAME));
  }

  @Test
  void refusesWhoLostTheLease() {
    long old = cursors().lease(NAME, "users").token();
    cursors().advance(NAME, old, at(3));
    CursorLease lease = cursors().lease(NAME, "cars");

    assertTrue(lease.token() > old);
    assertEquals(at(3), lease.cursor().place());
    assertEquals("cars", lease.cursor().collection());
    assertFalse(cursors().advance(NAME, old, at(9)));
    assertEquals(at(3), place(NAME));
    assertTrue(cursors().advance(NAME, lease.token(), at(4)));
    assertEquals(at(4), place(NAME));
  }

  @Test
  void refusesTokensOfOtherNamesAndNamesNobodyLeased() {
    long token = cursors().lease(NAME, "users").token();
    long other = cursors().lease("other", "users").token();

    assertFalse(cursors().advance(NAME, other, at(1)));
    assertFalse(cursors().advance("nobody", token, at(1)));
    assertFalse(cursors().advance(NAME, 0, at(1)));
    assertNull(place(NAME));
    assertNull(cursors().find("nobody"));
  }

  @Test
  void givesTokensThatAscendWhateverHappens() {
    var tokens = new ArrayList<Long>();
    tokens.add(cursors().lease(NAME, "users").token());
    settle();
    tokens.add(cursors().lease(NAME, "users").token());
    tokens.add(cursors().lease("other", "users").token());
    cursors().delete("other");
    settle();
    tokens.add(cursors().lease("other", "users").token());
    cursors().delete("other");
    cursors().delete(NAME);
    settle();
    tokens.add(cursors().lease(NAME, "users").token());

    assertEquals(tokens.stream().sorted().distinct().toList(), tokens);
  }

  /// A tag stands for one epoch of one log.
  @Test
  void doesNotLeadIntoAnotherLogOrEpoch() {
    long token = cursors().lease(NAME, "users").token();
    cursors().advance(NAME, token, at(3));

    for (EventId elsewhere :
        List.of(EventId.of(2_000, 2, 9), EventId.of(500, 2, 9), EventId.of(2_000, 0, 9))) {
      assertThrows(IllegalArgumentException.class, () -> cursors().advance(NAME, token, elsewhere));
      assertEquals(at(3), place(NAME));
    }
  }

  @Test
  void aResetMovesAnywhereAndTakesTheLease() {
    long old = cursors().lease(NAME, "users").token();
    cursors().advance(NAME, old, at(3));
    clock.advance(Duration.ofSeconds(1));

    var elsewhere = EventId.of(900, 2, 1);
    assertTrue(cursors().reset(NAME, elsewhere));

    assertFalse(cursors().advance(NAME, old, EventId.of(900, 2, 9)));
    Cursor reset = new Cursor(NAME, "users", elsewhere, clock.millis());
    settle();
    assertEquals(reset, cursors().find(NAME));
    assertTrue(cursors().reset(NAME, at(2)));
    assertEquals(at(2), place(NAME));
    assertFalse(cursors().reset("nobody", at(2)));
    assertNull(cursors().find("nobody"));
  }

  @Test
  void aDeletedCursorIsGone() {
    long old = cursors().lease(NAME, "users").token();
    cursors().advance(NAME, old, at(3));

    assertTrue(cursors().delete(NAME));

    assertFalse(cursors().delete(NAME));
    assertFalse(cursors().advance(NAME, old, at(4)));
    assertNull(cursors().find(NAME));
    settle();
    assertEquals(List.of(), cursors().list());
    assertNull(cursors().lease(NAME, "users").cursor().place());
    assertFalse(cursors().advance(NAME, old, at(4)));
  }

  @Test
  void listsByName() {
    for (String name : List.of("b", "c", "a", "\u00e9 \uD83E\uDD8A", "a/b")) {
      long token = cursors().lease(name, "users").token();
      cursors().advance(name, token, at(name.length()));
    }
    settle();

    List<Cursor> listed = cursors().list();

    assertEquals(
        List.of("a", "a/b", "b", "c", "\u00e9 \uD83E\uDD8A"),
        listed.stream().map(Cursor::name).toList());
    assertEquals(at(3), listed.get(1).place());
  }

  /// Two that fight for a name: whoever leased last moves, and never back.
  @Test
  void twoThatFightNeverBothMove() throws Exception {
    store();
    CompletableFuture<Long> one = CompletableFuture.supplyAsync(() -> fight(1));
    CompletableFuture<Long> other = CompletableFuture.supplyAsync(() -> fight(2));
    long moves = one.get(60, TimeUnit.SECONDS) + other.get(60, TimeUnit.SECONDS);

    assertTrue(moves > 0);
    assertTrue(cursors().lease(NAME, "users").token() > 400);
  }

  /// Leases again and again, and moves on from where the lease found the cursor. While the token
  /// holds, nobody else has moved it.
  private long fight(int who) {
    long moves = 0;
    for (int i = 0; i < 200; i++) {
      CursorLease lease = cursors().lease(NAME, "by " + who);
      EventId found = lease.cursor().place();
      long offset = found == null ? 0 : found.offset();
      while (cursors().advance(NAME, lease.token(), at(offset + 1)) && offset < 10L * (i + 1)) {
        offset++;
        moves++;
        EventId now = place(NAME);
        assertTrue(now != null && now.offset() >= offset, "moved back to " + now);
      }
    }
    return moves;
  }

  @Test
  void refusesOnceClosed() {
    Cursors closed = cursors();
    long token = closed.lease(NAME, "users").token();
    stop();

    assertRefused(ErrorCode.UNAVAILABLE, () -> closed.lease(NAME, "users"));
    assertRefused(ErrorCode.UNAVAILABLE, () -> closed.advance(NAME, token, at(1)));
    assertRefused(ErrorCode.UNAVAILABLE, closed::list);
    assertRefused(ErrorCode.UNAVAILABLE, () -> closed.reset(NAME, at(1)));
    assertRefused(ErrorCode.UNAVAILABLE, () -> closed.delete(NAME));
  }
}
