// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.stream;

import io.freshet.protocol.Change;
import io.freshet.protocol.Operation;
import io.freshet.spi.RowChange;
import io.freshet.spi.SnapshotProgress;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A snapshot that a stream is told of: its rows stand in the log among the changes.
///
/// @param run which one it is
/// @param progress how far it is; null when it is over and forgotten. Any thread
public record SnapshotReading(String run, Supplier<@Nullable SnapshotProgress> progress) {
  /// Whether the change is a row of a snapshot, of this one or another.
  public static boolean isRow(Change change) {
    return change.operation() == Operation.SNAPSHOT;
  }

  /// Whether the change is a row of this snapshot.
  public boolean shows(Change change) {
    return isRow(change) && change.actor().equals(RowChange.Read.actor(run));
  }
}
