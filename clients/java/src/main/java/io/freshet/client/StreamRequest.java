// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import org.jspecify.annotations.Nullable;

/// What the server is asked for.
///
/// @param isLasting whether nothing may be missed
record StreamRequest(
    String collection,
    boolean isLasting,
    @Nullable String name,
    String from,
    boolean snapshot,
    int window,
    @Nullable JsonValue created,
    @Nullable JsonValue updated,
    @Nullable JsonValue deleted) {
  /// Without a name the server has no window, and this client no end to what waits in it.
  private static final int WINDOW = 256;

  static <T> StreamRequest of(String collection, StreamOptions<T> options, boolean isLasting) {
    boolean needsWindow = isLasting && options.window() == 0 && options.name() == null;
    Filter<T> updated = options.updated();
    return new StreamRequest(
        collection,
        isLasting,
        options.name(),
        options.from(),
        options.snapshot(),
        needsWindow ? WINDOW : options.window(),
        json(options.created()),
        updated == null ? null : JsonObject.of("after", updated.json()),
        json(options.deleted()));
  }

  private static @Nullable JsonValue json(@Nullable Filter<?> filter) {
    return filter == null ? null : filter.json();
  }

  /// @param place where to go on if the server does not know; null: where the program said
  String text(String ref, @Nullable String place) {
    String start = place == null ? from : place;
    return new FrameText("stream")
        .text("ref", ref)
        .text("collection", collection)
        .text("mode", isLasting ? null : "subscribe")
        .text("name", name)
        .text("from", isLasting && !start.equals("latest") ? start : null)
        .flag("snapshot", snapshot)
        .number("window", isLasting && window > 0 ? (long) window : null)
        .value("create", created)
        .value("update", updated)
        .value("delete", deleted)
        .end();
  }
}
