// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.session;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Logins that were taken back: tells whoever keeps what they opened, and remembers the latest, so
/// that a login which was judged before, and takes effect after, does not slip through.
///
/// Threading: any thread. Those who are told are told on the thread of [#revoke], outside the lock.
public final class Revocations {
  private static final int KEPT_MAX = 1024;

  private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
  private final ArrayDeque<String> latest = new ArrayDeque<>();
  private long count;

  /// @param listener told each credential that is no longer good
  void onRevoked(Consumer<String> listener) {
    listeners.add(listener);
  }

  /// A login is no longer good.
  ///
  /// @param credential as in [io.freshet.spi.Authenticator.Verdict.Accepted]
  public void revoke(String credential) {
    remember(credential);
    listeners.forEach(listener -> listener.accept(credential));
  }

  private synchronized void remember(String credential) {
    count++;
    latest.addLast(credential);
    if (latest.size() > KEPT_MAX) {
      latest.removeFirst();
    }
  }

  /// A moment to ask about later. Take it before a login is judged.
  public synchronized long mark() {
    return count;
  }

  /// Whether a login was taken back since that moment; true, too, if so much has happened since
  /// that nobody knows.
  public synchronized boolean isRevokedSince(long mark, @Nullable String credential) {
    if (credential == null || mark == count) {
      return false;
    }
    if (count - mark > latest.size()) {
      return true;
    }
    Iterator<String> newest = latest.descendingIterator();
    for (long i = mark; i < count; i++) {
      if (newest.next().equals(credential)) {
        return true;
      }
    }
    return false;
  }
}
