// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

import io.freshet.protocol.Captured;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.Operation;
import io.freshet.protocol.path.FieldOperation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One decided write, ready to commit.
///
/// @param before the state it was decided on; the store commits only if the document still stands
///   at `before.revision()`
/// @param after the state to become; its times and its user are not set yet (the store assigns
///   them): a first write of a life has `createdAt` 0
/// @param operations as in [io.freshet.protocol.Change#operations]
/// @param actor id of the user who did it
/// @param batch writes of one commit with the same batch are committed together or not at all; null
///   for one on its own
/// @param request remembered with what became of it, see [Store#outcome]; null for none
/// @param captured what a source says of it; null for all but [SourceLog#append]
public record Write(
    Operation operation,
    Document before,
    Document after,
    @Nullable List<FieldOperation> operations,
    String actor,
    @Nullable String batch,
    @Nullable RequestKey request,
    @Nullable Captured captured) {

  /// One of a collection of our own.
  public Write(
      Operation operation,
      Document before,
      Document after,
      @Nullable List<FieldOperation> operations,
      String actor,
      @Nullable String batch,
      @Nullable RequestKey request) {
    this(operation, before, after, operations, actor, batch, request, null);
  }

  /// One on its own, whose repetition is not recognised.
  public Write(
      Operation operation,
      Document before,
      Document after,
      @Nullable List<FieldOperation> operations,
      String actor) {
    this(operation, before, after, operations, actor, null, null, null);
  }

  public DocumentKey key() {
    return after.key();
  }
}
