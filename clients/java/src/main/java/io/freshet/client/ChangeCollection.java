// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

/// The changes of one collection.
///
/// Threading: any thread.
///
/// @param <T> what rows are read as
public final class ChangeCollection<T> {
  private final String name;
  private final DataType<T> type;
  private final Streams streams;

  ChangeCollection(String name, DataType<T> type, Streams streams) {
    this.name = name;
    this.type = type;
    this.streams = streams;
  }

  /// Every change from now on.
  public ChangeStream<T> stream() {
    return stream(StreamOptions.all());
  }

  /// Changes in order, each at least once: what was missed while the connection was away follows
  /// when it is back. With a name also what was missed while nobody read.
  public ChangeStream<T> stream(StreamOptions<T> options) {
    return streams.add(name, options, type, true);
  }

  /// Changes while they happen, each at most once: nothing waits for a reader that is away or too
  /// slow.
  public ChangeStream<T> subscribe() {
    return subscribe(StreamOptions.all());
  }

  /// As the other.
  ///
  /// @param options without a name, a place to begin at or a window
  public ChangeStream<T> subscribe(StreamOptions<T> options) {
    if (options.name() != null || !options.from().equals("latest") || options.snapshot()) {
      throw FreshetClientException.invalid("a live subscription has no name and no place");
    }
    return streams.add(name, options, type, false);
  }
}
