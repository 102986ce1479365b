// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which documents of a collection to list, in order of their ids.
///
/// @param after the `next` of the page before; null for the first page
/// @param limit how many documents are looked at; 0: as many as the server thinks fit
/// @param filter conditions that must all hold, as in [TopicOptions#filter]; empty for none
/// @param includeDeleted also deleted ones, with their last data
public record ListOptions(
    @Nullable String after, int limit, Map<String, ?> filter, boolean includeDeleted) {
  /// Every document that is not deleted, from the first on.
  public static final ListOptions ALL = new ListOptions(null, 0, Map.of(), false);

  /// Goes on after that id.
  public ListOptions after(@Nullable String id) {
    return new ListOptions(id, limit, filter, includeDeleted);
  }

  /// Looks at so many documents.
  public ListOptions limit(int documents) {
    return new ListOptions(after, documents, filter, includeDeleted);
  }

  /// Only documents for which all of these hold.
  public ListOptions filter(Map<String, ?> conditions) {
    return new ListOptions(after, limit, conditions, includeDeleted);
  }

  /// Also deleted documents, with their last data.
  public ListOptions includingDeleted() {
    return new ListOptions(after, limit, filter, true);
  }
}
