// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Which changes to stream, and from where. Start from [#all] or [#named].
///
/// If neither of the three filters is given, all changes come; otherwise only those of the actions
/// that have one.
///
/// @param name names the stream on the server, which then keeps its place: whoever asks for the
///   name next goes on after what was handled. One reader at a time. Null: nothing is kept
/// @param from where a stream without a name, or with a new one, begins: `latest`, `earliest`, or
///   behind the change of that id
/// @param snapshot for a table of a database, with a name: a new stream begins with every row there
///   is
/// @param window how many changes may be on their way without having been handled; 0: 256
/// @param onLag told, at most once a second, how far behind the reader is; null: nobody
public record StreamOptions<T>(
    @Nullable String name,
    String from,
    boolean snapshot,
    int window,
    @Nullable Filter<T> created,
    @Nullable Filter<T> updated,
    @Nullable Filter<T> deleted,
    @Nullable Consumer<StreamLag> onLag) {
  private static final int WINDOW_MAX = 65_536;

  public StreamOptions {
    if (window < 0 || window > WINDOW_MAX) {
      throw FreshetClientException.invalid("window: 0 to " + WINDOW_MAX);
    }
  }

  /// Every change from now on, without a name.
  public static <T> StreamOptions<T> all() {
    return new StreamOptions<>(null, "latest", false, 0, null, null, null, null);
  }

  /// Every change, with a place that is kept.
  public static <T> StreamOptions<T> named(String name) {
    return new StreamOptions<>(name, "latest", false, 0, null, null, null, null);
  }

  /// Begins with the oldest change the server still has.
  public StreamOptions<T> fromEarliest() {
    return from("earliest");
  }

  /// Begins behind the change of that id.
  public StreamOptions<T> after(String id) {
    return from(id);
  }

  private StreamOptions<T> from(String place) {
    return new StreamOptions<>(name, place, snapshot, window, created, updated, deleted, onLag);
  }

  /// Begins with every row there is: of a table of a database, under a new name.
  public StreamOptions<T> withSnapshot() {
    return new StreamOptions<>(name, from, true, window, created, updated, deleted, onLag);
  }

  /// At most so many changes on their way without having been handled, 1 to 65 536; 0: 256.
  public StreamOptions<T> window(int changes) {
    return new StreamOptions<>(name, from, snapshot, changes, created, updated, deleted, onLag);
  }

  /// Documents that are made and match. [Filter#any] for all of them.
  public StreamOptions<T> created(Filter<T> filter) {
    return new StreamOptions<>(name, from, snapshot, window, filter, updated, deleted, onLag);
  }

  /// Documents that match after they were changed.
  public StreamOptions<T> updated(Filter<T> filter) {
    return new StreamOptions<>(name, from, snapshot, window, created, filter, deleted, onLag);
  }

  /// Documents that matched before they were deleted.
  public StreamOptions<T> deleted(Filter<T> filter) {
    return new StreamOptions<>(name, from, snapshot, window, created, updated, filter, onLag);
  }

  /// Told, at most once a second, how far behind the reader is.
  public StreamOptions<T> onLag(Consumer<StreamLag> listener) {
    return new StreamOptions<>(name, from, snapshot, window, created, updated, deleted, listener);
  }
}
