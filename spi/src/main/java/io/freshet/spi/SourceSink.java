// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Takes what a [Source] tells, into the source's log. Calls come from one thread at a time, but
/// for [#held], which any thread may call at any time.
public interface SourceSink {
  /// The progress appended last; null if there never was any.
  @Nullable String progress();

  /// Says which collections are the source's from now on: exactly these.
  void collections(Set<String> names);

  /// Appends in this order. When it returns, rows and progress are durable. Blocks; slow readers of
  /// the log do not delay it.
  ///
  /// @param rows may be empty; then only the progress moves
  /// @param progress the source's own words, at most some kilobytes; told by [#progress] after a
  ///   restart
  /// @throws io.freshet.protocol.error.FreshetException when nothing was appended: with a 3xxx
  ///   code, or `DOCUMENT_TOO_LARGE` if a row has become larger than [Source#rowBytesMax]
  void append(List<RowChange> rows, String progress);

  /// What was told after the last append is lost: a new epoch begins. Every open stream of the
  /// source's collections is ended with `SOURCE_GAP` and this reason.
  ///
  /// @param reason for people: what was lost and what to do
  void gap(String reason, String progress);

  /// Ids of the documents held of a collection, in byte order. May block.
  ///
  /// @param after only ids behind this one; null for all
  /// @return fewer than `max` only at the end
  List<String> held(String collection, @Nullable String after, int max);
}
