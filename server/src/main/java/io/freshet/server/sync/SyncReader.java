// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.command.Revision;
import io.freshet.engine.command.Transformation;
import io.freshet.engine.command.Transformation.Transformed;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.filter.Filter;
import io.freshet.protocol.filter.SyncFilter;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.mutation.Edited;
import io.freshet.protocol.mutation.JsonPatch;
import io.freshet.protocol.mutation.MergePatch;
import io.freshet.protocol.mutation.MergePatch.Nulls;
import io.freshet.protocol.mutation.Mutation;
import io.freshet.protocol.mutation.Mutations;
import io.freshet.server.sync.SyncRequest.Conditions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes requests of JSON, whichever transport it came over.
///
/// Immutable; any thread. Every method throws a [FreshetException] that says what is wrong.
public final class SyncReader {
  private static final Set<String> OF_ITEMS = Set.of("op", "service", "id");

  private final SyncLimits limits;
  private final DocumentIds ids;

  public SyncReader(SyncLimits limits, DocumentIds ids) {
    this.limits = limits;
    this.ids = ids;
  }

  /// Reads what is asked.
  ///
  /// @param service null for a batch only
  /// @param id null for a list, a batch, and a create whose document is to be given an id
  /// @param arguments of the operation, as [SyncOperation#arguments] names them; nothing else
  /// @param conditions without an expected revision: that is among the arguments
  public SyncRequest read(
      SyncOperation operation,
      @Nullable String service,
      @Nullable String id,
      JsonObject arguments,
      Conditions conditions) {
    return read(operation, service, id, new Arguments(arguments), Set.of(), conditions);
  }

  /// As the other.
  ///
  /// @param framing members beside the arguments
  SyncRequest read(
      SyncOperation operation,
      @Nullable String service,
      @Nullable String id,
      Arguments given,
      Set<String> framing,
      Conditions conditions) {
    given.allowOnly(operation.arguments(), framing);
    return switch (operation) {
      case GET -> new SyncRequest.Get(key(service, id), given.flag("includeDeleted", false));
      case LIST -> list(collection(service), given);
      case HISTORY -> history(key(service, id), given);
      case BATCH -> batch(given, conditions);
      case CREATE, REPLACE, MERGE, MUTATE, PATCH, DELETE, RESTORE, TOUCH ->
          revise(operation, service, id, given, conditions);
    };
  }

  // One document.

  private SyncRequest.Revise revise(
      SyncOperation operation,
      @Nullable String service,
      @Nullable String id,
      Arguments given,
      Conditions conditions) {
    boolean generated = id == null && operation == SyncOperation.CREATE;
    DocumentKey key = key(service, generated ? ids.next() : id);
    return new SyncRequest.Revise(
        key,
        revision(operation, given),
        conditions.expecting(given.revision("expectedRevision")),
        generated ? key.collection() : key.recordName(),
        given.flag("returnCurrent", false));
  }

  private Revision revision(SyncOperation operation, Arguments given) {
    return switch (operation) {
      case CREATE -> new Revision.Create(whole(given), expiresAt(given));
      case REPLACE -> new Revision.Replace(replacement(given));
      case MERGE -> merge(given);
      case MUTATE -> mutate(given);
      case PATCH -> patch(given);
      case DELETE -> Revision.Delete.DELETE;
      case RESTORE -> Revision.Restore.RESTORE;
      case TOUCH -> touch(given);
      case GET, LIST, HISTORY, BATCH ->
          throw Arguments.invalid(operation.wireName() + " cannot be part of a batch");
    };
  }

  private JsonObject whole(Arguments given) {
    if (given.value("data") instanceof JsonArray) {
      throw new FreshetException(ErrorCode.TYPE_MISMATCH, "The data of a document is an object");
    }
    JsonObject data = given.object("data");
    limits.check(data);
    return data;
  }

  private JsonValue replacement(Arguments given) {
    JsonValue data = given.value("data");
    if (!data.isContainer()) {
      throw Arguments.invalid("\"data\" has to be a JSON object or, of a list, an array");
    }
    limits.check(data);
    return data;
  }

  private Revision merge(Arguments given) {
    JsonObject patch = given.object("data");
    limits.check(patch);
    Nulls nulls =
        switch (given.optionalText("nulls")) {
          case null -> Nulls.DELETE;
          case "delete" -> Nulls.DELETE;
          case "set" -> Nulls.SET;
          case String _ -> throw Arguments.invalid("\"nulls\" has to be \"delete\" or \"set\"");
        };
    return transform(
        Operation.MERGE,
        (before, within, nowMs) -> transformed(MergePatch.apply(before, patch, nulls, within)));
  }

  private Revision mutate(Arguments given) {
    List<Mutation> mutations = Mutations.read(given.value("mutations"), limits.operationsMax());
    return transform(
        Operation.MUTATE,
        (before, within, nowMs) -> transformed(Mutations.apply(before, mutations, nowMs, within)));
  }

  private Revision patch(Arguments given) {
    JsonPatch patch = JsonPatch.read(given.value("patch"), limits.operationsMax());
    return transform(
        Operation.MUTATE, (before, within, nowMs) -> transformed(patch.apply(before, within)));
  }

  private static Revision transform(Operation operation, Transformation transformation) {
    return new Revision.Transform(operation, transformation);
  }

  private static Transformed transformed(Edited edited) {
    return new Transformed(edited.after(), edited.operations());
  }

  /// Here `null` stands for never, and has to be said.
  private static Revision touch(Arguments given) {
    given.value("expiresAt");
    return new Revision.Touch(expiresAt(given));
  }

  private static long expiresAt(Arguments given) {
    Long expiresAt = given.number("expiresAt", 1, Arguments.SAFE_INTEGER_MAX);
    return expiresAt == null ? 0 : expiresAt;
  }

  // Several.

  private static SyncRequest list(String service, Arguments given) {
    return new SyncRequest.Listing(
        service,
        given.optionalText("after"),
        given.count("limit", SyncLimits.PAGE, SyncLimits.PAGE_MAX),
        given.has("filter") ? SyncFilter.read(given.object("filter")) : Filter.ALL,
        given.flag("includeDeleted", false));
  }

  private static SyncRequest history(DocumentKey key, Arguments given) {
    Long since = given.revision("sinceRevision");
    return new SyncRequest.History(
        key, since == null ? 0 : since, given.count("limit", SyncLimits.PAGE, SyncLimits.PAGE_MAX));
  }

  private SyncRequest batch(Arguments given, Conditions conditions) {
    if (!given.flag("atomic", true)) {
      throw Arguments.invalid(
          "A batch is done as a whole or not at all; send what may fail alone by itself");
    }
    if (!(given.value("ops") instanceof JsonArray ops)
        || ops.size() == 0
        || ops.size() > SyncLimits.BATCH_MAX) {
      throw Arguments.invalid(
          "\"ops\" has to be an array of 1 to %d operations".formatted(SyncLimits.BATCH_MAX));
    }
    var items = new ArrayList<SyncRequest.Revise>(ops.size());
    var keys = new HashSet<DocumentKey>();
    for (JsonValue op : ops) {
      SyncRequest.Revise item = item(Arguments.of(op, "Each of \"ops\""), conditions);
      if (!keys.add(item.key())) {
        throw Arguments.invalid("A document may appear in a batch only once");
      }
      items.add(item);
    }
    return new SyncRequest.Batch(items, conditions);
  }

  /// Repetitions are recognised of the whole batch.
  private SyncRequest.Revise item(Arguments given, Conditions ofBatch) {
    SyncOperation operation = SyncOperation.of(given.text("op"));
    if (!operation.isRevision()) {
      throw Arguments.invalid(operation.wireName() + " cannot be part of a batch");
    }
    given.allowOnly(operation.arguments(), OF_ITEMS);
    return revise(
        operation,
        given.text("service"),
        given.optionalText("id"),
        given,
        new Conditions(null, null, null, ofBatch.requestId()));
  }

  // Names.

  /// @throws FreshetException `INVALID_NAME`
  static String collection(@Nullable String service) {
    if (service == null) {
      throw Arguments.invalid("\"service\" is missing");
    }
    if (!DocumentKey.isCollection(service)) {
      throw new FreshetException(
          ErrorCode.INVALID_NAME,
          "A service has 1 to %d bytes in UTF-8, without / . * > white space or control characters"
              .formatted(DocumentKey.COLLECTION_BYTES_MAX));
    }
    return service;
  }

  /// An id in the unnamed collection that would be split at other doors is refused: it would be a
  /// second name for somebody else's document.
  ///
  /// @throws FreshetException `INVALID_NAME`
  static DocumentKey key(@Nullable String service, @Nullable String id) {
    String collection = collection(service);
    if (id == null) {
      throw Arguments.invalid("\"id\" is missing");
    }
    DocumentKey.requireName(id);
    var key = new DocumentKey(collection, id);
    if (collection.equals(DocumentKey.UNNAMED) && !DocumentKey.ofRecordName(id).equals(key)) {
      DocumentKey other = DocumentKey.ofRecordName(id);
      throw new FreshetException(
          ErrorCode.INVALID_NAME,
          "This document's service is \"%s\" and its id \"%s\""
              .formatted(other.collection(), other.id()));
    }
    return key;
  }
}
