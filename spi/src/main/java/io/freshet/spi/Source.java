// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.filter.Model;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// A foreign database whose tables are collections here (design, section 1): its changes enter a
/// log of our own in the order of its commits, each once; its rows are documents, held from when
/// they first change or are first read.
///
/// A source keeps trying: while its database cannot be reached, streams stay as they are, and reads
/// of rows that are not held fail with `UNAVAILABLE`.
///
/// **Threads.** It has its own; any thread may call, nothing here blocks but [#close].
public interface Source extends AutoCloseable {
  String name();

  /// Most bytes a row may have as JSON. A change that makes it larger is refused by the sink, and
  /// is not to be passed over.
  default long rowBytesMax() {
    return 16 << 20;
  }

  /// Begins to tell the sink; called once. Returns at once.
  void start(SourceSink sink);

  /// Reads these rows: what they are stands in the log when the stage completes; nothing of those
  /// that do not exist.
  CompletionStage<?> fetch(List<DocumentKey> keys);

  /// Reads every row of a table that is not held: when the stage completes the documents held are
  /// the table's rows.
  CompletionStage<?> complete(String collection);

  /// Reads every row of a table into the log, as `SNAPSHOT` changes by the actor
  /// [RowChange.Read#actor]. The stage completes when the run has begun and would go on after a
  /// restart; nothing of it stands in the log before the call. A run of this name that is known
  /// begins anew.
  CompletionStage<?> snapshot(String collection, String run);

  /// Forgets a run.
  void cancel(String run);

  /// How far a run is; null if there is none of this name, or it is long done.
  @Nullable SnapshotProgress progress(String run);

  /// Why there can be no such stream; null if there can. Says what to do, in SQL.
  ///
  /// @param collection one of the source's, or any other name: it may be a table that the source
  ///   does not tell of
  /// @param deleteFields columns that the stream's filter of deletes looks at
  @Nullable SourceRefusal refusal(String collection, Set<String> deleteFields);

  /// The columns of a table as they are now, under their own names; null if it is not captured.
  /// Types that Prisma has none for are `String`.
  @Nullable Model model(String collection);

  SourceState state();

  /// Stops telling, and lets go of the database. What was appended stays.
  @Override
  void close();
}
