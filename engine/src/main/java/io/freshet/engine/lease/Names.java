// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.lease;

import io.freshet.engine.listen.Timers;
import io.freshet.engine.stream.StreamTicket;
import io.freshet.protocol.EventId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Who has which name: one at a time. When somebody wants a name that is held, the holder's client
/// is asked for a sign. If it gives one, whoever wants the name is refused; if it does not in time,
/// it loses the name to the one that has waited longest.
final class Names {
  /// Most that wait for one name; further ones are refused at once.
  private static final int WANTING_MAX = 16;

  private final Timers timers;
  private final Duration signWithin;
  private final Consumer<Held> evict;
  private final Map<String, Name> names = new HashMap<>();

  /// @param evict ends a stream whose client gave no sign, which makes its name [#free]
  Names(Timers timers, Duration signWithin, Consumer<Held> evict) {
    this.timers = timers;
    this.signWithin = signWithin;
    this.evict = evict;
  }

  /// Somebody who wants a name. Exactly one of the two is called, unless it is withdrawn.
  interface Wanting {
    /// The name is kept for it until [#hold] or [#free].
    void granted();

    void refused();
  }

  private static final class Name {
    private final Deque<Wanting> wanting = new ArrayDeque<>(1);

    /// Whose it is; null while it is nobody's or kept for somebody.
    private @Nullable Held holder;

    /// Whether it is kept for somebody who is about to hold or change it.
    private boolean kept;

    /// Stops waiting for a sign of the holder; null while none is waited for.
    private @Nullable Runnable stopWaiting;

    /// Tells a time-out that comes too late from one that counts.
    private int askings;

    private @Nullable EventId highestSent;

    private boolean isTaken() {
      return holder != null || kept;
    }
  }

  /// Keeps the name if it is nobody's.
  boolean keep(String name) {
    Name found = names.computeIfAbsent(name, n -> new Name());
    boolean kept = !found.isTaken();
    found.kept |= kept;
    return kept;
  }

  void want(String name, Wanting wanting) {
    if (keep(name)) {
      wanting.granted();
      return;
    }
    Name found = of(name);
    Held holder = found.holder;
    if (holder == null || found.wanting.size() == WANTING_MAX) {
      wanting.refused();
      return;
    }
    found.wanting.add(wanting);
    if (found.stopWaiting == null) {
      int asking = ++found.askings;
      found.stopWaiting = timers.after(signWithin, () -> noSign(found, asking, holder));
      holder.holder.askForSign();
    }
  }

  private Name of(String name) {
    Name found = names.get(name);
    if (found == null) {
      throw new IllegalStateException("nobody has " + name);
    }
    return found;
  }

  /// It does not want it any more.
  ///
  /// @return whether it was waiting for it
  boolean withdraw(String name, Wanting wanting) {
    Name found = names.get(name);
    if (found == null || !found.wanting.remove(wanting)) {
      return false;
    }
    if (found.wanting.isEmpty()) {
      stopWaiting(found);
    }
    return true;
  }

  private static void stopWaiting(Name name) {
    if (name.stopWaiting != null) {
      name.stopWaiting.run();
      name.stopWaiting = null;
    }
  }

  private void noSign(Name name, int asking, Held asked) {
    if (name.stopWaiting != null && name.askings == asking) {
      name.stopWaiting = null;
      evict.accept(asked);
    }
  }

  /// The holder's client is there.
  void sign(StreamTicket ticket) {
    Name found = names.get(String.valueOf(ticket.name()));
    if (found != null && found.holder != null && found.holder.ticket.equals(ticket)) {
      stopWaiting(found);
      refuseAll(found);
    }
  }

  private static void refuseAll(Name name) {
    List<Wanting> all = List.copyOf(name.wanting);
    name.wanting.clear();
    all.forEach(Wanting::refused);
  }

  /// The one it was kept for has it.
  void hold(String name, Held holder) {
    Name found = of(name);
    found.kept = false;
    found.holder = holder;
  }

  /// Nobody has it, nor is it kept. It goes to the first of those that want it; the others cannot
  /// have it, since that one is there for certain.
  void free(String name) {
    Name found = of(name);
    stopWaiting(found);
    found.holder = null;
    Wanting next = found.wanting.poll();
    found.kept = next != null;
    refuseAll(found);
    if (next != null) {
      next.granted();
    } else if (found.highestSent == null) {
      names.remove(name);
    }
  }

  /// Whether the name is held, for this collection.
  boolean isHeldFor(String collection, String name) {
    Name found = names.get(name);
    return found != null
        && found.holder != null
        && found.holder.ticket.collection().equals(collection);
  }

  /// The last event sent under a name that is taken; null if that is not known. Remembered until
  /// [#forgetSent], as long as a cursor is.
  @Nullable EventId highestSent(String name) {
    return of(name).highestSent;
  }

  /// For a name that is taken.
  void sent(String name, @Nullable EventId id) {
    Name found = of(name);
    EventId before = found.highestSent;
    if (id != null && (before == null || id.compareTo(before) > 0)) {
      found.highestSent = id;
    }
  }

  /// For a name that is taken.
  void forgetSent(String name) {
    of(name).highestSent = null;
  }

  /// Names that are taken or remembered.
  int count() {
    return names.size();
  }
}
