// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.stream;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What stream is wanted.
///
/// @param collection whose changes it brings
/// @param name under which its place is kept; null for a stream whose place is not
/// @param start where it begins if no place is kept
/// @param snapshot whether, if no place is kept and it starts now, it begins with every row there
///   is; for named streams of tables of sources
/// @param live whether it brings only what happens while it is open, and may miss some
/// @param deleteFields members that its filter of deletes looks at: a source may not know them
public record StreamTerms(
    String collection,
    @Nullable String name,
    Start start,
    boolean snapshot,
    boolean live,
    Set<String> deleteFields) {
  public StreamTerms {
    deleteFields = Set.copyOf(deleteFields);
  }

  /// Of changes only, whatever they are.
  public StreamTerms(String collection, @Nullable String name, Start start) {
    this(collection, name, start, false, Set.of());
  }

  /// Of everything.
  public StreamTerms(
      String collection,
      @Nullable String name,
      Start start,
      boolean snapshot,
      Set<String> deleteFields) {
    this(collection, name, start, snapshot, false, deleteFields);
  }
}
