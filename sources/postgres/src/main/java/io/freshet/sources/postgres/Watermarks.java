// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.RowChange;
import io.freshet.spi.SourceSink;
import java.util.List;

/// The side of the watermark reads that the reader of the log calls: it tells what it sees in the
/// order of the log, and is given the rows that belong into it at this place.
///
/// **Threads.** All calls come from the reader's thread.
interface Watermarks {
  /// What marks are written with: `pg_logical_emit_message(false, 'freshet', …)`; before version 14
  /// as updates of the table [Marks#TABLE].
  String PREFIX = "freshet";

  /// The log is about to be read, for the first time or after an interruption: reads under way
  /// begin anew. Called before anything else, and each time the log is read from a place again.
  ///
  /// @param sink for the ids of what is held
  /// @param progress what [#progress] was in the progress the sink has; empty if there is none
  void connected(SourceSink sink, JsonObject progress);

  /// The log cannot be read for now.
  void disconnected();

  /// Whether a mark was seen whose counterpart was not: only then need changes be told.
  boolean isOpen();

  /// A row has changed; told for both ids if its id has. Only needed while [#isOpen].
  void changed(String collection, String id);

  /// All rows are gone. Only needed while [#isOpen].
  void truncated(String collection);

  /// A transaction has ended whose changes were all told; also one that was skipped because its
  /// changes are known.
  ///
  /// @param xid as in its begin message
  void committed(int xid);

  /// A mark, or another message of the prefix.
  ///
  /// @return what is to be appended at this place, with a progress that holds [#progress] as it is
  ///   now; afterwards [#appended] is called. Often empty.
  List<RowChange> message(String content);

  /// What was returned last is durable.
  void appended();

  /// How far the reads are, for the progress of what is appended. At most some kilobytes.
  JsonObject progress();

  /// Something of the log was lost: everything held is read again.
  void refreshHeld();
}
