// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// Revisioned documents. The methods with a `service` are those of a collection of that name read
/// as maps; [#collection(String, Class)] reads and writes records.
///
/// Threading: any thread.
public final class SyncClient {
  private final Operations operations;
  private final Topics topics;

  SyncClient(Operations operations, Topics topics) {
    this.operations = operations;
    this.topics = topics;
  }

  /// The documents of a collection as maps.
  public DocumentCollection<Map<String, Object>> collection(String name) {
    return new DocumentCollection<>(name, DataType.MAPS, operations, topics);
  }

  /// The documents of a collection as one type.
  ///
  /// @param type a record, or what the client's [JsonMapping] knows
  public <T> DocumentCollection<T> collection(String name, Class<T> type) {
    return new DocumentCollection<>(name, DataType.of(type), operations, topics);
  }

  /// As [DocumentCollection#create(Object)].
  public CompletableFuture<Document<Map<String, Object>>> create(
      String service, Map<String, Object> data) {
    return collection(service).create(data);
  }

  /// As [DocumentCollection#create(String, Object)].
  public CompletableFuture<Document<Map<String, Object>>> create(
      String service, Map<String, Object> data, String id) {
    return collection(service).create(id, data);
  }

  /// As [DocumentCollection#get(String)].
  public CompletableFuture<Document<Map<String, Object>>> get(String service, String id) {
    return collection(service).get(id);
  }

  /// As [DocumentCollection#replace(String, Object)].
  public CompletableFuture<Document<Map<String, Object>>> replace(
      String service, String id, Map<String, Object> data) {
    return collection(service).replace(id, data);
  }

  /// As the other.
  ///
  /// @param expectedRevision fails with `REVISION_CONFLICT` unless the document is at it
  public CompletableFuture<Document<Map<String, Object>>> replace(
      String service, String id, Map<String, Object> data, long expectedRevision) {
    return collection(service).replace(id, data, WriteOptions.expecting(expectedRevision));
  }

  /// As [DocumentCollection#merge(String, Object)].
  public CompletableFuture<Document<Map<String, Object>>> merge(
      String service, String id, Map<String, Object> partial) {
    return collection(service).merge(id, partial);
  }

  /// As the other.
  ///
  /// @param expectedRevision fails with `REVISION_CONFLICT` unless the document is at it
  public CompletableFuture<Document<Map<String, Object>>> merge(
      String service, String id, Map<String, Object> partial, long expectedRevision) {
    return collection(service).merge(id, partial, WriteOptions.expecting(expectedRevision));
  }

  /// @param mutations by path: a plain value sets, `Map.of("$inc", 1)` and the like operate
  public CompletableFuture<Document<Map<String, Object>>> mutate(
      String service, String id, Map<String, ?> mutations) {
    return collection(service).mutate(id, mutations, WriteOptions.NONE);
  }

  /// As the other.
  ///
  /// @param expectedRevision fails with `REVISION_CONFLICT` unless the document is at it
  public CompletableFuture<Document<Map<String, Object>>> mutate(
      String service, String id, Map<String, ?> mutations, long expectedRevision) {
    return collection(service).mutate(id, mutations, WriteOptions.expecting(expectedRevision));
  }

  /// As [DocumentCollection#delete(String)].
  public CompletableFuture<Void> delete(String service, String id) {
    return collection(service).delete(id);
  }

  /// Several writes, each of another document: all of them are done, or none.
  ///
  /// @return the documents, in the order of the steps (a deleted one without data). If one step
  ///   fails, the future fails with that step's error; its `details().get("results")` are those of
  ///   all steps
  public CompletableFuture<List<Document<Map<String, Object>>>> batch(List<BatchStep> steps) {
    var written = new ArrayList<JsonValue>();
    steps.forEach(each -> written.add(BatchWriter.write(each, operations.mapper())));
    return operations
        .write("batch", WriteOptions.NONE, frame -> frame.value("ops", JsonArray.of(written)))
        .thenApply(this::documentsOf);
  }

  private List<Document<Map<String, Object>>> documentsOf(Frame answer) {
    List<Frame> results = answer.objects("results");
    long status = answer.number("status", 200);
    Frame failed = null;
    for (Frame each : results) {
      // The others were refused because of this one.
      boolean isIt = each.has("error") && each.object("error").number("status", 0) == status;
      if (isIt && failed == null) {
        failed = each.object("error");
      }
    }
    if (failed == null) {
      return DocumentCollection.documentsOf(results, operations.mapper());
    }
    FreshetClientException error = failed.error();
    var details = new LinkedHashMap<>(error.details());
    var all = new ArrayList<Object>();
    results.forEach(each -> all.add(PlainValues.membersOf(each.json())));
    details.put("results", all);
    throw FreshetClientException.of(
        new FreshetClientException.Said(
            error.status(),
            error.code(),
            String.valueOf(error.getMessage()),
            details,
            answer.text("requestId")));
  }
}
