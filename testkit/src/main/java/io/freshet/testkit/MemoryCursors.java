// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import io.freshet.protocol.EventId;
import io.freshet.spi.Cursor;
import io.freshet.spi.CursorLease;
import io.freshet.spi.Cursors;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The contract of cursors in its plainest form.
final class MemoryCursors implements Cursors {
  private final InstantSource clock;
  private final Runnable requireOpen;
  private final Map<String, CursorLease> leases = new TreeMap<>();
  private long lastToken;

  /// @param requireOpen throws when the store is closed
  MemoryCursors(InstantSource clock, Runnable requireOpen) {
    this.clock = clock;
    this.requireOpen = requireOpen;
  }

  @Override
  public synchronized CursorLease lease(String name, String collection) {
    requireOpen.run();
    CursorLease before = leases.get(name);
    Cursor cursor =
        before == null
            ? new Cursor(name, collection, null, 0)
            : new Cursor(name, collection, before.cursor().place(), before.cursor().movedAtMs());
    return put(cursor);
  }

  private CursorLease put(Cursor cursor) {
    var lease = new CursorLease(++lastToken, cursor);
    leases.put(cursor.name(), lease);
    return lease;
  }

  @Override
  public synchronized boolean advance(String name, long token, EventId place) {
    requireOpen.run();
    CursorLease lease = leases.get(name);
    if (lease == null || lease.token() != token) {
      return false;
    }
    EventId before = lease.cursor().place();
    if (before != null && before.tag() != place.tag()) {
      throw new IllegalArgumentException(
          "Cursor " + name + " stands at " + before + ", not in the log of " + place);
    }
    if (before == null || place.compareTo(before) > 0) {
      leases.put(name, new CursorLease(token, moved(lease.cursor(), place)));
    }
    return true;
  }

  private Cursor moved(Cursor cursor, EventId place) {
    return new Cursor(cursor.name(), cursor.collection(), place, clock.millis());
  }

  @Override
  public synchronized List<Cursor> list() {
    requireOpen.run();
    return leases.values().stream().map(CursorLease::cursor).toList();
  }

  @Override
  public synchronized @Nullable Cursor find(String name) {
    requireOpen.run();
    CursorLease lease = leases.get(name);
    return lease == null ? null : lease.cursor();
  }

  @Override
  public synchronized boolean reset(String name, EventId place) {
    requireOpen.run();
    CursorLease lease = leases.get(name);
    if (lease == null) {
      return false;
    }
    put(moved(lease.cursor(), place));
    return true;
  }

  @Override
  public synchronized boolean delete(String name) {
    requireOpen.run();
    return leases.remove(name) != null;
  }
}
