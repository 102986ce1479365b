// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import io.freshet.protocol.Captured;
import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.Operation;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.PathEdit;
import io.freshet.protocol.path.RecordPath;
import io.freshet.spi.RequestKey;
import io.freshet.spi.Write;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Decided writes, as an engine would hand them to a store.
public final class Writes {
  /// Who does everything here.
  public static final String ACTOR = "ada";

  private Writes() {}

  /// The first write of a life.
  public static Write create(Document before, JsonValue data) {
    return write(Operation.CREATE, before, live(before, 0, data, 0), null);
  }

  /// The first write of a document.
  public static Write create(DocumentKey key, JsonValue data) {
    return create(Document.missing(key), data);
  }

  public static Write replace(Document before, JsonValue data) {
    return write(Operation.REPLACE, before, changed(before, data), null);
  }

  /// One edit, as a deepstream patch makes it.
  public static Write set(Document before, String path, JsonValue value) {
    return mutate(before, List.of(new FieldOperation.Set(RecordPath.parse(path), value)));
  }

  /// The same with the value as JSON text.
  public static Write set(Document before, String path, String json) {
    return set(before, path, Json.parse(json));
  }

  public static Write erase(Document before, String path) {
    return mutate(before, List.of(new FieldOperation.Erase(RecordPath.parse(path))));
  }

  public static Write mutate(Document before, List<FieldOperation> operations) {
    JsonValue data = PathEdit.applyAll(before.data(), operations);
    return write(Operation.MUTATE, before, changed(before, data), operations);
  }

  /// A delete that drops the data, as the deepstream door does it.
  public static Write delete(Document before) {
    return write(Operation.DELETE, before, tombstone(before, JsonObject.empty()), null);
  }

  /// A delete that keeps the data for a restore, as the Sync door does it.
  public static Write deleteRestorably(Document before) {
    return write(Operation.DELETE, before, tombstone(before, before.data()), null);
  }

  public static Write restore(Document before) {
    return write(
        Operation.RESTORE, before, live(before, before.createdAt(), before.data(), 0), null);
  }

  /// A delete by the server, of a document whose time is over.
  public static Write expire(Document before) {
    return write(Operation.EXPIRE, before, tombstone(before, before.data()), null);
  }

  /// A deepstream subscription's creation of a record.
  public static Write open(Document before) {
    var opened =
        new Document(
            before.key(),
            Life.OPENED,
            before.revision(),
            JsonObject.empty(),
            0,
            before.updatedAt());
    return write(Operation.OPEN, before, opened, null);
  }

  /// A source's word of what stands there, which changes nothing.
  public static Write tell(Document standing) {
    return write(Operation.SNAPSHOT, standing, standing, null);
  }

  /// The same write with what a source says of it.
  public static Write told(Captured captured, Write write) {
    return with(write, write.after(), write.actor(), write.batch(), write.request(), captured);
  }

  /// The same write by somebody else.
  public static Write by(String actor, Write write) {
    return with(write, write.after(), actor, write.batch(), write.request(), write.captured());
  }

  /// The same write, of a document that expires.
  ///
  /// @param atMs milliseconds since 1970; 0 for never
  public static Write expiring(long atMs, Write write) {
    Document after = write.after();
    var expiring =
        new Document(
            after.key(),
            after.life(),
            after.revision(),
            after.data(),
            after.createdAt(),
            after.updatedAt(),
            atMs,
            after.updatedBy());
    return with(write, expiring, write.actor(), write.batch(), write.request(), write.captured());
  }

  /// The same write as part of a batch.
  public static Write inBatch(String batch, Write write) {
    return with(write, write.after(), write.actor(), batch, write.request(), write.captured());
  }

  /// The same write with an idempotency key.
  public static Write requested(RequestKey request, Write write) {
    return with(write, write.after(), write.actor(), write.batch(), request, write.captured());
  }

  private static Write with(
      Write write,
      Document after,
      String actor,
      @Nullable String batch,
      @Nullable RequestKey request,
      @Nullable Captured captured) {
    return new Write(
        write.operation(),
        write.before(),
        after,
        write.operations(),
        actor,
        batch,
        request,
        captured);
  }

  private static Document changed(Document before, JsonValue data) {
    return live(before, before.createdAt(), data, before.expiresAt());
  }

  private static Document live(Document before, long createdAt, JsonValue data, long expiresAt) {
    return new Document(
        before.key(), Life.LIVE, before.revision() + 1, data, createdAt, 0, expiresAt, "");
  }

  private static Document tombstone(Document before, JsonValue data) {
    return new Document(
        before.key(), Life.TOMBSTONE, before.revision() + 1, data, before.createdAt(), 0);
  }

  private static Write write(
      Operation operation,
      Document before,
      Document after,
      @Nullable List<FieldOperation> operations) {
    return new Write(operation, before, after, operations, ACTOR);
  }
}
