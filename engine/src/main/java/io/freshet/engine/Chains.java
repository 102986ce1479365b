// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.error.FreshetException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;

/// Keeps each document's chain of decided commands until the store has answered. Answers that
/// depend on writes still on their way wait in the chain behind them (design, invariants 5 and 6).
///
/// What is taken back is taken back with everything that was decided on it: the writes behind it in
/// the chain, and with one write of a batch all others, and what stands behind those. A write whose
/// commit has succeeded is never among them: whatever stands or falls together is committed
/// together, and chains are committed from their front.
final class Chains {
  private final Slots slots;
  private final Commits commits;

  Chains(Slots slots, Commits commits) {
    this.slots = slots;
    this.commits = commits;
  }

  /// Adds a decided command; a write is also handed on to be committed.
  void append(Slot.Entry entry) {
    entry.slot.append(entry);
    if (entry.isWrite()) {
      commits.add(entry);
    }
  }

  /// The change of this entry is public: it leaves the chain with the answers that waited for it.
  void committed(Slot.Entry entry, Change change) {
    Slot slot = entry.slot;
    slot.removeHead();
    entry.owner.committed(entry, change);
    while (slot.head != null && !slot.head.isWrite()) {
      Slot.Entry settled = slot.removeHead();
      if (settled != null) {
        settled.owner.surfaced(settled, change.after());
      }
    }
    goOn(slot);
  }

  /// Somebody may be waiting for the end of the chain.
  private void goOn(Slot slot) {
    if (!slot.hasChain()) {
      slots.advance(slot);
    }
  }

  /// The feed has brought a state: what the store told of in a conflict may be known by now.
  void forgetTold(Slot slot) {
    Document committed = slot.committed;
    Document told = slot.told;
    if (told != null && committed != null && committed.revision() >= told.revision()) {
      slot.told = null;
    }
  }

  /// Other writers were first: everything from these entries on is decided again, in arrival order.
  void conflicts(List<Commits.Refused> refused) {
    var learnt = new HashSet<Slot>();
    for (Commits.Refused each : refused) {
      if (learnt.add(each.entry().slot)) {
        learn(each.entry().slot, each.conflict().current());
      }
    }
    List<Slot.Entry> entries = refused.stream().map(Commits.Refused::entry).toList();
    slots.together(() -> takeBack(entries, Undertaking::again));
  }

  /// A state older than the known one means that the store has purged the document since.
  private void learn(Slot slot, Document current) {
    Document committed = slot.committed;
    if (committed == null || current.revision() < committed.revision()) {
      slot.told = null;
      slots.set(slot, current);
    } else if (current.revision() > committed.revision()) {
      slot.told = current;
    }
  }

  /// The store failed: the whole chain of each document in the batch is rejected, because later
  /// writes were decided on earlier ones.
  void failed(List<Slot.Entry> batch, FreshetException failure) {
    takeBack(batch, owner -> owner.failed(failure));
  }

  /// Takes the entries out of their chains, with all that depend on them.
  ///
  /// @param then is called for each owner, in the order of arrival
  private void takeBack(Collection<Slot.Entry> entries, Consumer<Undertaking> then) {
    var touched = new LinkedHashSet<Slot>();
    var due = new ArrayDeque<>(entries);
    var owners = new HashSet<Undertaking>();
    var ordered = new ArrayList<Undertaking>();
    for (Slot.Entry next = due.poll(); next != null; next = due.poll()) {
      if (next.cancelled) {
        continue;
      }
      touched.add(next.slot);
      for (Slot.Entry each : next.slot.cut(next)) {
        each.cancelled = true;
        if (owners.add(each.owner)) {
          ordered.add(each.owner);
          due.addAll(each.owner.entries());
        }
      }
    }
    ordered.sort(Comparator.comparingLong(owner -> owner.order));
    ordered.forEach(then);
    touched.forEach(this::goOn);
  }
}
