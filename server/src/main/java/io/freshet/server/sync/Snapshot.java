// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.server.gate.Positions;
import io.freshet.spi.Listed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a subscriber has been shown of a collection, so that a change is told exactly if it is not
/// among it.
///
/// A page shows at least what had been handed over here when it was asked for. What changed between
/// that and the reading stands in the page too: those few documents are remembered by revision. So
/// this takes a few bytes per page, however large the collection is.
///
/// Threading: one thread at a time.
final class Snapshot {
  /// Most documents of a page; fewer when they are large.
  static final int PAGE_MAX = 512;

  /// What changed longer ago has long been handed over.
  private static final long RECENT_MS = 60_000;

  private final List<Page> pages = new ArrayList<>();
  private final Map<String, Long> newer = new HashMap<>();

  /// @param upTo its last id; null for the rest
  /// @param before what had been handed over when it was asked for
  private record Page(@Nullable String upTo, Positions before) {}

  /// @param next the id to go on from; null if this is the last page
  /// @param before how far the logs had been handed over when it was asked for
  /// @param nowMs when it was asked for
  void add(List<Listed> documents, @Nullable String next, Positions before, long nowMs) {
    pages.add(new Page(next, before));
    for (Listed each : documents) {
      Document document = each.document();
      if (document.updatedAt() > nowMs - RECENT_MS && before.mayMiss(each.offset())) {
        newer.put(document.key().id(), document.revision());
      }
    }
  }

  /// Whether the subscriber has been shown what this change made.
  boolean contains(Change change) {
    String id = change.key().id();
    Long shown = newer.get(id);
    return shown != null && change.revision() <= shown || pageOf(id).before.covers(change.id());
  }

  private Page pageOf(String id) {
    int low = 0;
    int high = pages.size() - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      String upTo = pages.get(middle).upTo;
      if (upTo != null && compareBytes(id, upTo) > 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return pages.get(low);
  }

  /// By the bytes of UTF-8, which is by code point: pages come in that order.
  private static int compareBytes(String one, String other) {
    int shorter = Math.min(one.length(), other.length());
    for (int i = 0; i < shorter; i++) {
      char a = one.charAt(i);
      char b = other.charAt(i);
      if (a != b) {
        boolean bothOrNone = Character.isSurrogate(a) == Character.isSurrogate(b);
        return bothOrNone ? a - b : Character.isSurrogate(a) ? 1 : -1;
      }
    }
    return one.length() - other.length();
  }
}
