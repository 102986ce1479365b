// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.command.Command;
import io.freshet.engine.decide.Decision;
import io.freshet.engine.feed.Audience;
import io.freshet.engine.feed.Outcome;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.json.JsonValue;
import io.freshet.spi.Write;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the engine knows of one document: its committed state, the chain of writes on their way to
/// the store, who watches it, and what waits for it. Owned by the engine's thread.
final class Slot {
  final DocumentKey key;
  final Audience watchers = new Audience();

  /// The committed state; null when it has to be loaded.
  @Nullable Document committed;

  /// What the last write in the chain makes of the document; null when none is in it.
  @Nullable Document pending;

  /// A state that the store has told of in a conflict and the feed has not brought yet.
  @Nullable Document told;

  /// Revision of the newest change handed out or state loaded; what a reload is compared with.
  long knownRevision = -1;

  /// A loaded state that is ahead of this node's feed while somebody already watches: it is used
  /// once the feed has caught up, so that nobody sees a change twice.
  @Nullable Document ahead;

  boolean loading;

  /// Tasks that must not lose the slot.
  int pins;

  /// Those who want to change it, in the order of their arrival; null when there are none.
  @Nullable ArrayDeque<Waiter> line;

  /// Those who want to see its committed state, whatever is on its way; null when there are none.
  @Nullable List<Runnable> readers;

  @Nullable Entry head;
  @Nullable Entry tail;

  /// Neighbours in the order of last use.
  @Nullable Slot older;

  @Nullable Slot newer;

  /// Whether it stands in that order and counts as cached.
  boolean listed;

  long cachedBytes;

  Slot(DocumentKey key) {
    this.key = key;
  }

  /// One step in the chain: a write on its way, or an answer that must wait for the writes before
  /// it, because it depends on what becomes of them.
  static final class Entry {
    final Slot slot;
    final Command.DocumentWrite command;
    final Decision decision;
    final Undertaking owner;

    /// Which of its owner's it is.
    final int place;

    boolean cancelled;
    long offset;
    @Nullable Entry next;

    Entry(
        Slot slot, Command.DocumentWrite command, Decision decision, Undertaking owner, int place) {
      this.slot = slot;
      this.command = command;
      this.decision = decision;
      this.owner = owner;
      this.place = place;
    }

    boolean isWrite() {
      return decision instanceof Decision.Accepted;
    }
  }

  /// Takes an outcome on the engine's thread.
  interface Completion {
    void done(Outcome outcome);
  }

  /// The state the next write is decided on; only while loaded.
  Document base() {
    Document base = pending != null ? pending : told != null ? told : committed;
    if (base == null) {
      throw new IllegalStateException(key + " is not loaded");
    }
    return base;
  }

  /// Whether a command may be decided without waiting.
  boolean isReady() {
    return committed != null && line == null;
  }

  boolean hasChain() {
    return head != null;
  }

  void append(Entry entry) {
    if (tail == null) {
      head = entry;
    } else {
      tail.next = entry;
    }
    tail = entry;
    if (entry.decision instanceof Decision.Accepted(Write write)) {
      pending = write.after();
    }
  }

  @Nullable Entry removeHead() {
    Entry first = head;
    if (first != null) {
      head = first.next;
      first.next = null;
      if (head == null) {
        tail = null;
        pending = null;
      }
    }
    return first;
  }

  /// Removes the entry, and all behind it if it is a write: they were decided on it.
  ///
  /// @return the removed ones; empty when the entry is not in the chain
  @SuppressWarnings("ReferenceEquality") // entries are identities
  List<Entry> cut(Entry entry) {
    Entry before = null;
    Entry found = head;
    while (found != null && found != entry) {
      before = found;
      found = found.next;
    }
    if (found == null) {
      return List.of();
    }
    Entry rest = entry.isWrite() ? null : entry.next;
    List<Entry> removed = entry.isWrite() ? listed(entry) : List.of(entry);
    if (before == null) {
      head = rest;
    } else {
      before.next = rest;
    }
    if (rest == null) {
      tail = before;
    }
    pending = lastWritten();
    return removed;
  }

  private static List<Entry> listed(Entry first) {
    var all = new ArrayList<Entry>();
    for (Entry each = first; each != null; each = each.next) {
      all.add(each);
    }
    return all;
  }

  private @Nullable Document lastWritten() {
    Document last = null;
    for (Entry each = head; each != null; each = each.next) {
      if (each.decision instanceof Decision.Accepted(Write write)) {
        last = write.after();
      }
    }
    return last;
  }

  /// Joins the line behind all that arrived before. Only somebody whose decision was undone can
  /// have to go further than to the front.
  void joinLine(Waiter waiter) {
    if (line == null) {
      line = new ArrayDeque<>(2);
    }
    var later = new ArrayDeque<Waiter>(0);
    for (Waiter last = line.peekLast();
        last != null && last.order > waiter.order;
        last = line.peekLast()) {
      later.push(last);
      line.removeLast();
    }
    line.add(waiter);
    line.addAll(later);
  }

  void leaveLine(Waiter waiter) {
    if (line != null) {
      if (isFirst(waiter)) {
        line.poll();
      } else {
        line.remove(waiter);
      }
      if (line.isEmpty()) {
        line = null;
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // waiters are identities
  boolean isFirst(Waiter waiter) {
    return line != null && line.peek() == waiter;
  }

  void awaitLoaded(Runnable reader) {
    if (readers == null) {
      readers = new ArrayList<>(2);
    }
    readers.add(reader);
  }

  boolean isIdle() {
    return head == null && pins == 0 && !loading && line == null && readers == null && told == null;
  }

  static long sizeOf(@Nullable Document document) {
    if (document == null) {
      return 0;
    }
    JsonValue data = document.data();
    return 2L * data.encodedBytes() + 32L * data.members();
  }
}
