// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.session;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The connections that are logged in, at every door, for those who administrate the server.
///
/// Threading: any thread.
public final class Connections {
  private final InstantSource clock;
  private final Map<Long, Entry> byId = new ConcurrentHashMap<>();

  /// One connection.
  ///
  /// @param id unique in this process
  /// @param user id of the user, as the authenticator gave it
  /// @param door its path
  /// @param address of the peer, without the port
  /// @param since the login
  /// @param close ends it after what is queued for it; any thread
  public record Entry(
      long id, String user, String door, String address, Instant since, Runnable close) {}

  public Connections(InstantSource clock) {
    this.clock = clock;
  }

  /// A connection has logged in.
  ///
  /// @param close ends it after what is queued for it; called on any thread
  public void add(long id, String user, String door, String address, Runnable close) {
    byId.put(id, new Entry(id, user, door, address, clock.instant(), close));
  }

  /// A connection is gone; nothing happens if it never logged in.
  public void remove(long id) {
    byId.remove(id);
  }

  /// All of them, the oldest first.
  public List<Entry> list() {
    return byId.values().stream().sorted(Comparator.comparingLong(Entry::id)).toList();
  }

  /// Closes one.
  ///
  /// @return false if there is none of that id
  public boolean close(long id) {
    Entry entry = byId.get(id);
    if (entry != null) {
      entry.close().run();
    }
    return entry != null;
  }

  /// Closes all of a user's.
  ///
  /// @return how many
  public int closeAllOf(String user) {
    int closed = 0;
    for (Entry entry : byId.values()) {
      if (entry.user().equals(user)) {
        entry.close().run();
        closed++;
      }
    }
    return closed;
  }
}
