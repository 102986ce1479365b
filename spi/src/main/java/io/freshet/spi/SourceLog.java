// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

import io.freshet.protocol.LogId;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The log of one source: the changes of the collections that are its tables, in the order the
/// source tells them. It alone writes them.
///
/// **Threads.** Calls come from one thread at a time; they may coincide with [Store#commit] and
/// with everything else.
///
/// **Errors** are those of the [Store].
public interface SourceLog {
  LogId id();

  /// How far the source had told when it was last appended, in its own words; null if never. After
  /// an unclean stop this and the log agree.
  @Nullable String progress();

  /// Says which collections are the source's from now on: exactly these, whatever source had them.
  /// Remembered. The documents of a collection that comes to it or is given back stay as they are.
  void route(Set<String> collections);

  /// As [Store#commit], for the source's collections only; the progress is kept with the changes,
  /// both or none. So where one write conflicts all do, and the progress stays where it was.
  ///
  /// Here a write of operation `SNAPSHOT` may leave the revision of a live document as it is: it
  /// only tells a reader of the log what stands there. The document is not written, and its history
  /// does not show it.
  ///
  /// @param writes may be empty; then only the progress moves
  /// @throws IllegalArgumentException for a write of a collection that is not the source's; so does
  ///   [Store#commit] for one that is
  List<CommitResult> append(List<Write> writes, String progress);

  /// Begins a new epoch: what the source told after its last change is lost (design, invariant 9).
  /// When it returns, that is durable. Offsets go on, and cursors stay where they are, in the old
  /// epoch.
  void newEpoch(String progress);
}
