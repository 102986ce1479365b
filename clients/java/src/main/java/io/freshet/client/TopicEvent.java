// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.json.JsonValue;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One change of one document, as a subscription delivers it.
///
/// @param id names the change, the same however often it is delivered; null in snapshots
/// @param operation `create`, `replace`, `merge`, `mutate`, `delete`, `restore`, `expire` or
///   `snapshot`
/// @param previousRevision a diff applies to a copy at this revision and to no other; null in
///   snapshots
/// @param data the document's data; null where only the diff was asked for
/// @param diff what differs from before; null where only the data was asked for
/// @param deleted whether it was deleted; `data` is then what it held last
/// @param left whether the document no longer matches the filter, or may no longer be read
/// @param resync changes in between were left out, for a slow reader: `data` is there, whatever was
///   asked for
public record TopicEvent<T>(
    @Nullable String id,
    String topic,
    String operation,
    String collection,
    String documentId,
    long revision,
    @Nullable Long previousRevision,
    Instant timestamp,
    @Nullable String actor,
    @Nullable String requestId,
    @Nullable T data,
    @Nullable Diff diff,
    boolean deleted,
    boolean left,
    boolean resync) {

  static <T> TopicEvent<T> of(Frame envelope, Mapper mapper, DataType<T> type) {
    Frame metadata = envelope.object("metadata");
    Frame payload = envelope.object("payload");
    JsonValue data = payload.value("data");
    T read = data == null ? null : mapper.read(data, type);
    Instant timestamp = envelope.time("timestamp");
    return new TopicEvent<>(
        envelope.text("id"),
        envelope.text("topic", ""),
        metadata.text("operation", ""),
        metadata.text("service", ""),
        metadata.text("documentId", ""),
        metadata.number("revision", 0),
        metadata.number("previousRevision"),
        timestamp == null ? Instant.EPOCH : timestamp,
        metadata.text("actor"),
        metadata.text("requestId"),
        read,
        payload.has("diff") ? Diff.of(payload.object("diff")) : null,
        payload.flag("deleted"),
        metadata.text("match", "").equals("left"),
        metadata.flag("resync"));
  }
}
