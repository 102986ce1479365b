// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.DocumentKey;
import io.freshet.spi.SnapshotProgress;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Reads rows, and hands them to the reader of the log at the places where they belong. The methods
/// are those of [io.freshet.spi.Source] and may be called by any thread.
interface Reads extends Watermarks, AutoCloseable {
  CompletionStage<?> fetch(List<DocumentKey> keys);

  CompletionStage<?> complete(String collection);

  CompletionStage<?> snapshot(String collection, String run);

  void cancel(String run);

  @Nullable SnapshotProgress progress(String run);

  /// Nothing is read any more; what waits fails.
  @Override
  void close();
}
