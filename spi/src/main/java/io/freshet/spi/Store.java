// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.LogId;
import io.freshet.protocol.Position;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Where documents and logs live (design, section 6). Every store must pass the contract suite of
/// the `testkit` module.
///
/// **Order.** A log's changes have contiguous offsets from 1. A commit's writes enter the log in
/// the order given. Event ids ascend within a log, across epochs too, and their time never goes
/// back.
///
/// **Atomicity.** Document and change commit together: whoever reads the log to its end and applies
/// it to nothing gets exactly the documents that [#load] returns, and tombstones.
///
/// **Tombstones** are forgotten some time after the deletion, with the document's history. Nobody
/// is told: the document is missing from then on, a write decided on the tombstone conflicts, and
/// the next life begins at revision 1. Their changes stay in the log as long as any others.
///
/// **Durability.** When [#commit] returns, its writes are durable as their collections ask for. A
/// log belongs to one level; one below `fsync` starts a new epoch after an unclean stop.
///
/// **Threads.** [#commit] is called by one thread at a time; everything else by any thread.
///
/// **Errors.** A store that cannot work throws [io.freshet.protocol.error.FreshetException] with a
/// 3xxx code; after a failed commit none of its writes may become visible later.
public interface Store extends AutoCloseable {
  /// What [#commit] can promise here.
  Set<Durability> durabilities();

  /// The logs there are, one per durability in use.
  List<LogState> logs();

  /// The log that keeps the collection's changes.
  LogId logOf(String collection);

  /// Reads committed documents, one per key in the same order; [Document#missing] where there is
  /// none. A store on this machine answers with a completed stage.
  CompletionStage<List<Document>> load(List<DocumentKey> keys);

  /// Commits the writes whose documents still stand where they were decided and answers each in
  /// order. Several writes to one document are applied one after the other; once one of them
  /// conflicts, so do the rest (they were decided on what did not happen). Where one write of a
  /// batch conflicts, all of the batch do, and so do later writes to their documents. Blocks until
  /// the committed ones are durable, and delivers them to the feeds before it returns.
  ///
  /// @param writes at least one
  List<CommitResult> commit(List<Write> writes);

  /// Delivers every change of the log from an offset on: first what is held, then live, with no gap
  /// in between. What is held is delivered on the calling thread before this returns, what comes on
  /// the committing one.
  ///
  /// @param from offset of the first change wanted, between the oldest held and `head + 1`
  /// @throws io.freshet.protocol.error.FreshetException `NOT_FOUND` when `from` is no longer held
  Feed feed(LogId log, long from, ChangeListener listener);

  /// Reads held changes in order.
  ///
  /// @param collection only changes of this collection; null for all
  /// @param from offset to begin at (inclusive)
  /// @param changesMax most changes to return, at least 1
  /// @return empty at the end of the log
  /// @throws io.freshet.protocol.error.FreshetException `NOT_FOUND` when `from` is no longer held
  List<Change> read(LogId log, @Nullable String collection, long from, int changesMax);

  /// Reads the collection's documents in the byte order of their ids: live ones, openings and
  /// tombstones, each as it is committed at some moment during the call. May block.
  ///
  /// @param after only ids behind this one; null for all
  /// @param max most documents to return, at least 1
  /// @return fewer than `max` only at the end of the collection
  List<Listed> scan(String collection, @Nullable String after, int max);

  /// Reads held changes of one document, oldest first. May block.
  ///
  /// @param after only revisions above this one
  /// @param max most changes to return, at least 1; the oldest of those asked for come first
  /// @return fewer than `max` only when there are no more
  List<Change> history(DocumentKey key, long after, int max);

  /// The changes of the latest commit for this request, in its order within a log; empty if there
  /// was none, or so long ago (10 minutes) that it is forgotten. May answer at once.
  ///
  /// Fails with `REVISION_CONFLICT` when the request is known but its changes had to be dropped
  /// early to save the disk: it must not be carried out again as if it were new.
  CompletionStage<List<Change>> outcome(RequestKey request);

  /// Live documents whose time is over, soonest first. May block.
  ///
  /// @param untilMs milliseconds since 1970
  /// @param max most keys to return, at least 1
  List<DocumentKey> expired(long untilMs, int max);

  /// Where the change with this id stands or stood, or the place before an epoch's first change
  /// ([LogState#headId]); null if no log here ever gave such an id. Says nothing about whether it
  /// is held: compare with [#logs]. Of what an unclean stop lost nobody can tell: such ids stood
  /// somewhere.
  @Nullable Position locate(EventId id);

  /// The log of a source's changes, made if there is none of this name yet; one handle per name.
  /// Its [LogId] is `source/` and the name, its durability `fsync`. Opened before the feeds are.
  ///
  /// @param source letters, digits, `-` and `_`
  SourceLog openSource(String source);

  /// The cursors of named streams, kept beside the logs they stand in.
  Cursors cursors();

  /// Asks whether the store can take writes. Cheap; does no I/O beyond what it must.
  Health check();

  /// Flushes, marks the stop as clean and lets go of the data. Further calls fail.
  @Override
  void close();
}
