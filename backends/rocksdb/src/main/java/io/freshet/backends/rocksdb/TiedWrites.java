// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.spi.Write;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Finds out which writes of a commit fail because they are tied to another one: in one batch with
/// it, or behind it on the same document. Two kinds of chains, then: where a document's chain
/// breaks, its rest breaks; where one link of a batch breaks, the whole batch does. Each write is
/// broken at most once, so this takes one step per write.
final class TiedWrites {
  private static final int NONE = -1;

  /// Never changed.
  private static final BitSet NOTHING = new BitSet(0);

  private final List<Write> writes;

  /// Per write, the next one to its document.
  private final int[] next;

  private final Map<String, List<Integer>> byBatch = new HashMap<>();
  private final BitSet refused = new BitSet();
  private final Deque<Integer> broken = new ArrayDeque<>();

  private TiedWrites(List<Write> writes) {
    this.writes = writes;
    this.next = new int[writes.size()];
  }

  /// The writes, by their index, that conflict or must be answered as if they did. Without any
  /// batch nothing is looked at and nothing refused: a document's chain can be judged on the way.
  ///
  /// @param current the committed state of a write's document
  static BitSet refused(List<Write> writes, Function<Write, StoredDocument> current) {
    for (Write write : writes) {
      if (write.batch() != null) {
        return new TiedWrites(writes).find(current);
      }
    }
    return NOTHING;
  }

  private BitSet find(Function<Write, StoredDocument> current) {
    Map<DocumentKey, Integer> firsts = link();
    for (int first : firsts.values()) {
      breakWhereItDoesNotFit(first, current.apply(writes.get(first)).document());
    }
    for (Integer one = broken.poll(); one != null; one = broken.poll()) {
      if (next[one] != NONE) {
        refuse(next[one]);
      }
      String batch = writes.get(one).batch();
      List<Integer> tied = batch == null ? null : byBatch.remove(batch);
      if (tied != null) {
        tied.forEach(this::refuse);
      }
    }
    return refused;
  }

  /// @return the first write to each document
  private Map<DocumentKey, Integer> link() {
    var firsts = new HashMap<DocumentKey, Integer>();
    for (int i = writes.size() - 1; i >= 0; i--) {
      Write write = writes.get(i);
      Integer later = firsts.put(write.key(), i);
      next[i] = later == null ? NONE : later;
      if (write.batch() != null) {
        byBatch.computeIfAbsent(write.batch(), batch -> new ArrayList<>()).add(i);
      }
    }
    return firsts;
  }

  private void breakWhereItDoesNotFit(int first, Document state) {
    long revision = state.revision();
    boolean isRecord = state.isRecord();
    for (int i = first; i != NONE; i = next[i]) {
      Write write = writes.get(i);
      if (!CommitBatch.fits(write, revision, isRecord)) {
        refuse(i);
        return;
      }
      revision = write.after().revision();
      isRecord = write.after().isRecord();
    }
  }

  private void refuse(int write) {
    if (!refused.get(write)) {
      refused.set(write);
      broken.add(write);
    }
  }
}
