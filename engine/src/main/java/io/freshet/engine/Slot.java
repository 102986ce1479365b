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
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// What the engine knows of one document: its committed state, the chain of writes on their way to
/// the store, who watches it, and what waits for it. Owned by the engine's thread.
final class Slot {
  final DocumentKey key;
  final Audience watchers = new Audience();

  /// The committed state; null when it has to be loaded.
  @Nullable Document committed;

  /// The state later writes are decided on when it is ahead of the committed one.
  @Nullable Document pending;

  /// Revision of the newest change handed out or state loaded; what a reload is compared with.
  long knownRevision = -1;

  /// A loaded state that is ahead of this node's feed while somebody already watches: it is used
  /// once the feed has caught up, so that nobody sees a change twice.
  @Nullable Document ahead;

  boolean loading;

  /// A command of this document waits for the guard's documents; later ones wait behind it.
  boolean blocked;

  /// Tasks that must not lose the slot.
  int pins;

  @Nullable ArrayDeque<Runnable> waiting;
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

  /// One command in the chain: a write on its way, or an answer that must wait for the writes
  /// before it, because it depends on what becomes of them.
  static final class Entry {
    final Slot slot;
    final Command.DocumentWrite command;

    /// Called instead of answering the session; for the engine's own commands.
    final @Nullable Completion completion;

    final Decision decision;
    final int attempts;
    boolean cancelled;
    long offset;
    @Nullable Entry next;

    Entry(
        Slot slot,
        Command.DocumentWrite command,
        @Nullable Completion completion,
        Decision decision,
        int attempts) {
      this.slot = slot;
      this.command = command;
      this.completion = completion;
      this.decision = decision;
      this.attempts = attempts;
    }
  }

  /// Takes an outcome on the engine's thread.
  interface Completion {
    void done(Outcome outcome);
  }

  boolean isReady() {
    return committed != null && !blocked;
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
  }

  @Nullable Entry removeHead() {
    Entry first = head;
    if (first != null) {
      head = first.next;
      if (head == null) {
        tail = null;
      }
    }
    return first;
  }

  /// Removes the entry and all behind it.
  ///
  /// @return the removed ones, linked; null when the entry is not in the chain
  @SuppressWarnings("ReferenceEquality") // entries are identities
  @Nullable Entry cutFrom(Entry entry) {
    if (head == entry) {
      head = null;
      tail = null;
      return entry;
    }
    for (Entry each = head; each != null; each = each.next) {
      if (each.next == entry) {
        each.next = null;
        tail = each;
        return entry;
      }
    }
    return null;
  }

  void await(Runnable task) {
    if (waiting == null) {
      waiting = new ArrayDeque<>(2);
    }
    waiting.add(task);
  }

  boolean isIdle() {
    return head == null && pins == 0 && !loading && waiting == null && pending == null;
  }

  static long sizeOf(@Nullable Document document) {
    if (document == null) {
      return 0;
    }
    JsonValue data = document.data();
    return 2L * data.encodedBytes() + 32L * data.members();
  }
}
