// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.session;

import io.freshet.engine.listen.Timers;
import io.freshet.spi.Authenticator.Verdict.Accepted;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The connections that are logged in, at every door: for those who administrate the server, and so
/// that a connection ends with its login, when its time is over or when it is taken back.
///
/// Threading: any thread.
public final class Connections {
  /// Clocks are set, and machines sleep: whoever waits longer looks at the clock in between.
  private static final Duration LOOK_EVERY = Duration.ofMinutes(10);

  private final InstantSource clock;
  private final Timers timers;
  private final Revocations revocations;
  private final int perUserMax;
  private final Map<Long, Held> byId = new ConcurrentHashMap<>();

  /// How many each user has; users without any are not in it.
  private final Map<String, Integer> perUser = new ConcurrentHashMap<>();

  private final LongAdder refused = new LongAdder();

  /// One connection.
  ///
  /// @param id unique in this process
  /// @param user id of the user, as the authenticator gave it
  /// @param door its path
  /// @param address of the client, without the port
  /// @param since the login
  /// @param close ends it after what is queued for it; any thread
  public record Entry(
      long id, String user, String door, String address, Instant since, Consumer<Ending> close) {}

  /// As many as each user likes.
  public Connections(InstantSource clock, Timers timers, Revocations revocations) {
    this(clock, timers, revocations, Integer.MAX_VALUE);
  }

  /// @param timers end logins whose time is over
  /// @param perUserMax most connections of one user
  public Connections(InstantSource clock, Timers timers, Revocations revocations, int perUserMax) {
    this.perUserMax = perUserMax;
    this.clock = clock;
    this.timers = timers;
    this.revocations = revocations;
    revocations.onRevoked(this::revoked);
  }

  /// A moment to give to [#add]. Take it before the login is judged.
  public long mark() {
    return revocations.mark();
  }

  /// Whether a user may have one more connection now. Says nothing about the next moment; [#add]
  /// does.
  public boolean hasRoom(String user) {
    if (perUser.getOrDefault(user, 0) < perUserMax) {
      return true;
    }
    refused.increment();
    return false;
  }

  /// How many times a user had too many.
  public long refused() {
    return refused.sum();
  }

  /// A connection has logged in. It is closed when the login ends; at once, if that has happened.
  ///
  /// @param mark taken before the login was judged
  /// @param close ends it after what is queued for it; called on any thread, perhaps from here
  /// @return false if the user has too many; then nothing has happened
  public boolean add(
      long id, Accepted login, long mark, String door, String address, Consumer<Ending> close) {
    if (perUser.merge(login.userId(), 1, Integer::sum) > perUserMax) {
      leave(login.userId());
      refused.increment();
      return false;
    }
    var held =
        new Held(new Entry(id, login.userId(), door, address, clock.instant(), close), login);
    byId.put(id, held);
    held.begin(login, mark);
    return true;
  }

  private void leave(String user) {
    perUser.computeIfPresent(user, (_, count) -> count == 1 ? null : count - 1);
  }

  /// A connection has logged in again, as the same user: from now on it lives as long as this
  /// login. Nothing happens if it is gone.
  ///
  /// @param mark taken before the login was judged
  public void renew(long id, Accepted login, long mark) {
    Held held = byId.get(id);
    if (held != null) {
      held.begin(login, mark);
    }
  }

  /// A connection is gone; nothing happens if it never logged in.
  public void remove(long id) {
    Held held = byId.remove(id);
    if (held != null) {
      held.gone();
      leave(held.entry.user());
    }
  }

  /// All of them, the oldest first.
  public List<Entry> list() {
    return byId.values().stream()
        .map(held -> held.entry)
        .sorted(Comparator.comparingLong(Entry::id))
        .toList();
  }

  /// Closes one.
  ///
  /// @return false if there is none of that id
  public boolean close(long id) {
    Held held = byId.get(id);
    if (held != null) {
      held.entry.close().accept(Ending.ADMINISTRATOR);
    }
    return held != null;
  }

  /// Closes all of a user's.
  ///
  /// @return how many
  public int closeAllOf(String user) {
    int closed = 0;
    for (Held held : byId.values()) {
      if (held.entry.user().equals(user)) {
        held.entry.close().accept(Ending.ADMINISTRATOR);
        closed++;
      }
    }
    return closed;
  }

  private void revoked(String credential) {
    for (Held held : byId.values()) {
      if (credential.equals(held.credential())) {
        held.entry.close().accept(Ending.LOGIN_REVOKED);
      }
    }
  }

  private final class Held {
    final Entry entry;
    private Accepted login;
    private Runnable cancel = () -> {};
    private boolean gone;

    Held(Entry entry, Accepted login) {
      this.entry = entry;
      this.login = login;
    }

    void begin(Accepted renewed, long mark) {
      synchronized (this) {
        cancel.run();
        login = renewed;
      }
      if (revocations.isRevokedSince(mark, renewed.credential())) {
        entry.close().accept(Ending.LOGIN_REVOKED);
      }
      watchTheClock();
    }

    synchronized @Nullable String credential() {
      return login.credential();
    }

    synchronized void watchTheClock() {
      Instant end = login.expiresAt();
      Instant now = clock.instant();
      if (end == null || gone) {
        return;
      }
      if (!now.isBefore(end)) {
        entry.close().accept(Ending.LOGIN_OVER);
        return;
      }
      boolean soon = end.isBefore(now.plus(LOOK_EVERY));
      cancel = timers.after(soon ? Duration.between(now, end) : LOOK_EVERY, this::watchTheClock);
    }

    synchronized void gone() {
      gone = true;
      cancel.run();
    }
  }
}
