// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

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
/// @param after the state to become; its times are not set yet (the store assigns them): a first
///   write of a life has `createdAt` 0
/// @param operations as in [io.freshet.protocol.Change#operations]
/// @param actor id of the user who did it
public record Write(
    Operation operation,
    Document before,
    Document after,
    @Nullable List<FieldOperation> operations,
    String actor) {

  public DocumentKey key() {
    return after.key();
  }
}
