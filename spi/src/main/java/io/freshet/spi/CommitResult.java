// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;

/// The store's answer to one write.
public sealed interface CommitResult {
  /// It stands in the log, durable as its collection asks for; position, id and time are assigned.
  record Committed(Change change) implements CommitResult {}

  /// Another writer was first. Nothing changed.
  ///
  /// @param current the document as it stands now
  record Conflict(Document current) implements CommitResult {}
}
