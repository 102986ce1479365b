// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.feed;

import io.freshet.protocol.Change;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A committed change on its way to watchers, with room for its encoding in each protocol, so that
/// it is encoded once however many event loops send it.
public final class Publication {
  private final Change change;
  private final @Nullable Session writer;
  private final @Nullable String requestId;
  private @Nullable Object encoded;

  /// @param writer the session that wrote it, if it is one of this node; it is not sent its own
  ///   change
  /// @param requestId the writer's name for what made it; null for none
  public Publication(Change change, @Nullable Session writer, @Nullable String requestId) {
    this.change = change;
    this.writer = writer;
    this.requestId = requestId;
  }

  public Change change() {
    return change;
  }

  public @Nullable Session writer() {
    return writer;
  }

  public @Nullable String requestId() {
    return requestId;
  }

  /// The change in one gateway's encoding, made by the first loop that asks.
  ///
  /// @param type of the gateway's immutable encoded form
  public synchronized <T> T encoded(Class<T> type, Function<Change, T> encoder) {
    for (Object node = encoded; node instanceof Encodings(Object value, Object next); node = next) {
      if (type.isInstance(value)) {
        return type.cast(value);
      }
    }
    T value = encoder.apply(change);
    encoded = new Encodings(value, encoded);
    return value;
  }

  private record Encodings(Object value, @Nullable Object next) {}
}
