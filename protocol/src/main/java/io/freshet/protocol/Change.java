// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol;

import io.freshet.protocol.path.FieldOperation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One committed mutation of one document, as it stands in a log.
///
/// @param id assigned by the store, ascending within a log
/// @param position its place in the log
/// @param operation what was done
/// @param before the document this was decided on; `before.revision()` is the previous revision
/// @param after the document it became
/// @param operations the resolved edits when the change was made of edits, in order (empty: none,
///   only the revision moved); null when it replaced, removed or opened the whole document
/// @param actor id of the user who did it
/// @param batch what the changes of one batch share; null outside of one
/// @param captured what a source says of it; null for a change of a collection of our own
public record Change(
    EventId id,
    Position position,
    Operation operation,
    Document before,
    Document after,
    @Nullable List<FieldOperation> operations,
    String actor,
    @Nullable String batch,
    @Nullable Captured captured) {

  /// One of a collection of our own, outside of a batch.
  public Change(
      EventId id,
      Position position,
      Operation operation,
      Document before,
      Document after,
      @Nullable List<FieldOperation> operations,
      String actor) {
    this(id, position, operation, before, after, operations, actor, null, null);
  }

  public Change {
    operations = operations == null ? null : List.copyOf(operations);
  }

  public DocumentKey key() {
    return after.key();
  }

  public long revision() {
    return after.revision();
  }
}
