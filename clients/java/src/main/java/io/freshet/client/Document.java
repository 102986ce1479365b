// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One document at one revision.
///
/// @param collection in the documents face called its service
/// @param revision 1 for the first write, exactly one more with every accepted write
/// @param data of a deleted document what it held last, or an empty object where that is not told
/// @param createdAt by the server's clock, like the other times
/// @param expiresAt when the server deletes it; null: never
/// @param updatedBy who wrote it last; null if that is not known
/// @param deleted whether it is a deleted document
/// @param <T> what its data is read as
public record Document<T>(
    String collection,
    String id,
    long revision,
    T data,
    Instant createdAt,
    Instant updatedAt,
    @Nullable Instant expiresAt,
    @Nullable String updatedBy,
    boolean deleted) {

  static <T> Document<T> of(Frame frame, Mapper mapper, DataType<T> type) {
    JsonValue data = frame.value("data");
    Instant updatedAt = timeOf(frame, "updatedAt");
    Instant createdAt = frame.time("createdAt");
    return new Document<>(
        frame.text("service", ""),
        frame.text("id", ""),
        frame.number("revision", 0),
        mapper.read(data == null ? JsonObject.empty() : data, type),
        createdAt == null ? updatedAt : createdAt,
        updatedAt,
        frame.time("expiresAt"),
        frame.text("updatedBy"),
        frame.flag("deleted"));
  }

  private static Instant timeOf(Frame frame, String member) {
    Instant time = frame.time(member);
    return time == null ? Instant.EPOCH : time;
  }
}
