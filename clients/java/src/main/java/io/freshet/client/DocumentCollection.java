// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The documents of one collection, read and written as one type.
///
/// Every future completes once the server has answered; a write that has completed is kept. What
/// fails completes with a [FreshetClientException], which [FreshetClient#await] throws as it is.
/// While there is no connection operations wait for the next one; those whose answer was lost with
/// a connection are sent again over the next, and the server does them once.
///
/// Threading: any thread.
///
/// @param <T> what data is read as: a record, a map, or what the client's [JsonMapping] knows
public final class DocumentCollection<T> {
  /// Between attempts of an update.
  private static final Backoff UPDATES = new Backoff(5, 500);

  private final String name;
  private final DataType<T> type;
  private final Operations operations;
  private final Topics topics;

  DocumentCollection(String name, DataType<T> type, Operations operations, Topics topics) {
    this.name = name;
    this.type = type;
    this.operations = operations;
    this.topics = topics;
  }

  /// The collection's name, in the documents face called its service.
  public String name() {
    return name;
  }

  /// A new document, at revision 1 (a deleted one's next life: one more than its last revision).
  /// Its id, `doc_…`, is chosen by the server.
  public CompletableFuture<Document<T>> create(T data) {
    return create(null, data, WriteOptions.NONE);
  }

  /// As the other, with an id of your own. Fails with `ALREADY_EXISTS` if there is such a document.
  public CompletableFuture<Document<T>> create(String id, T data) {
    return create(id, data, WriteOptions.NONE);
  }

  /// @param id chosen by the server if null
  public CompletableFuture<Document<T>> create(@Nullable String id, T data, WriteOptions options) {
    return write("create", id, object(data), options);
  }

  /// The document as it is now. Fails with `NOT_FOUND` if there is none, or it is deleted.
  public CompletableFuture<Document<T>> get(String id) {
    return get(id, false);
  }

  /// @param includeDeleted also shows a deleted document, with its last data
  public CompletableFuture<Document<T>> get(String id, boolean includeDeleted) {
    return operations
        .read("get", frame -> about(frame, id).flag("includeDeleted", includeDeleted))
        .thenApply(answer -> documentOf(answer.object("document")));
  }

  /// As [#get], of what may not be there.
  public CompletableFuture<Optional<Document<T>>> find(String id) {
    return get(id)
        .thenApply(Optional::of)
        .exceptionally(failure -> {
          FreshetClientException why = FreshetClientException.causeOf(failure);
          if (why.is("NOT_FOUND")) {
            return Optional.empty();
          }
          throw why;
        });
  }

  /// The data becomes what is given, all of it.
  public CompletableFuture<Document<T>> replace(String id, T data) {
    return replace(id, data, WriteOptions.NONE);
  }

  /// As the other. Fails with `REVISION_CONFLICT` if the document is not at the revision expected.
  public CompletableFuture<Document<T>> replace(String id, T data, WriteOptions options) {
    return write("replace", id, object(data), options);
  }

  /// Sets the members given, at any depth, and removes those given as null. Arrays are replaced
  /// whole.
  ///
  /// @param partial a map, or a record: its null components are not given
  public CompletableFuture<Document<T>> merge(String id, Object partial) {
    return merge(id, partial, WriteOptions.NONE);
  }

  /// As the other. Fails with `REVISION_CONFLICT` if the document is not at the revision expected.
  public CompletableFuture<Document<T>> merge(String id, Object partial, WriteOptions options) {
    return write("merge", id, object(partial), options);
  }

  /// Operations on fields, all of them or none, in one revision.
  public CompletableFuture<Document<T>> mutate(String id, Mutations mutations) {
    return mutate(id, mutations, WriteOptions.NONE);
  }

  /// As the other. Fails with `REVISION_CONFLICT` if the document is not at the revision expected.
  public CompletableFuture<Document<T>> mutate(
      String id, Mutations mutations, WriteOptions options) {
    JsonArray steps = mutations.write(operations.mapper());
    return operations
        .write("mutate", options, frame -> about(frame, id).value("mutations", steps))
        .thenApply(answer -> documentOf(answer.object("document")));
  }

  /// Operations on fields in the form of a map: a plain value sets, `Map.of("$inc", 1)` and the
  /// like operate.
  public CompletableFuture<Document<T>> mutate(
      String id, Map<String, ?> mutations, WriteOptions options) {
    JsonValue map = operations.mapper().writeObject(mutations);
    return operations
        .write("mutate", options, frame -> about(frame, id).value("mutations", map))
        .thenApply(answer -> documentOf(answer.object("document")));
  }

  /// Hides the document. Until the server forgets it, [#restore] brings it back.
  public CompletableFuture<Void> delete(String id) {
    return delete(id, WriteOptions.NONE);
  }

  /// As the other. Fails with `REVISION_CONFLICT` if the document is not at the revision expected.
  public CompletableFuture<Void> delete(String id, WriteOptions options) {
    return operations.write("delete", options, frame -> about(frame, id)).thenApply(answer -> null);
  }

  /// Brings a deleted document back, with the data it held last.
  public CompletableFuture<Document<T>> restore(String id) {
    return restore(id, WriteOptions.NONE);
  }

  /// As the other. Fails with `REVISION_CONFLICT` if the document is not at the revision expected.
  public CompletableFuture<Document<T>> restore(String id, WriteOptions options) {
    return write("restore", id, null, options);
  }

  /// Says when the document shall expire, without changing its data.
  ///
  /// @param expiresAt null: never
  public CompletableFuture<Document<T>> touch(String id, @Nullable Instant expiresAt) {
    String at = expiresAt == null ? "null" : Long.toString(expiresAt.toEpochMilli());
    return operations
        .write("touch", WriteOptions.NONE, frame -> about(frame, id).raw("expiresAt", at))
        .thenApply(answer -> documentOf(answer.object("document")));
  }

  /// A page of documents, in order of their ids.
  public CompletableFuture<Page<Document<T>, String>> list(ListOptions options) {
    JsonObject filter = operations.mapper().writeObject(options.filter());
    return operations
        .read(
            "list",
            frame -> {
              frame.text("service", name).text("after", options.after());
              frame.number("limit", options.limit() == 0 ? null : (long) options.limit());
              frame.value("filter", filter.size() == 0 ? null : filter);
              frame.flag("includeDeleted", options.includeDeleted());
            })
        .thenApply(answer -> {
          var documents = new ArrayList<Document<T>>();
          answer.objects("documents").forEach(each -> documents.add(documentOf(each)));
          return new Page<>(documents, answer.text("next"));
        });
  }

  /// A page of a document's changes, oldest first, as far back as the server keeps them.
  ///
  /// @param sinceRevision those after this one; 0 for all
  /// @param limit 0: as many as the server thinks fit
  public CompletableFuture<Page<HistoryEntry<T>, Long>> history(
      String id, long sinceRevision, int limit) {
    return operations
        .read(
            "history",
            frame -> {
              about(frame, id).number("sinceRevision", sinceRevision == 0 ? null : sinceRevision);
              frame.number("limit", limit == 0 ? null : (long) limit);
            })
        .thenApply(answer -> {
          var changes = new ArrayList<HistoryEntry<T>>();
          answer.objects("changes").forEach(each -> changes.add(entryOf(each)));
          return new Page<>(changes, answer.number("next"));
        });
  }

  /// Reads the document, has `change` make its next data, and writes that if nobody else has
  /// written in between; otherwise begins again with what they wrote.
  ///
  /// @param change may run several times, on a virtual thread; it may block
  public CompletableFuture<Document<T>> update(String id, UnaryOperator<T> change) {
    return update(id, change, UpdateOptions.standard());
  }

  /// As the other.
  ///
  /// @param options how often to try, and what to begin with if there is no such document
  public CompletableFuture<Document<T>> update(
      String id, UnaryOperator<T> change, UpdateOptions<T> options) {
    var done = new CompletableFuture<Document<T>>();
    operations.start(() -> {
      try {
        done.complete(updated(id, change, options));
      } catch (RuntimeException e) {
        done.completeExceptionally(e);
      }
    });
    return done;
  }

  private Document<T> updated(String id, UnaryOperator<T> change, UpdateOptions<T> options) {
    for (int attempt = 1; ; attempt++) {
      Optional<Document<T>> current =
          options.initial() == null
              ? Optional.of(FreshetClient.await(get(id)))
              : FreshetClient.await(find(id));
      T before = current.map(Document::data).orElseGet(() -> initial(options));
      long revision = current.map(Document::revision).orElse(0L);
      try {
        return FreshetClient.await(
            replace(id, change.apply(before), WriteOptions.expecting(revision)));
      } catch (FreshetClientException e) {
        boolean isRepeatable = e.is("REVISION_CONFLICT", "ALREADY_EXISTS", "NOT_FOUND");
        if (!isRepeatable || attempt >= options.attempts()) {
          throw e;
        }
        pause(UPDATES.waitMs(attempt, ThreadLocalRandom.current().nextDouble()));
      }
    }
  }

  private static <T> T initial(UpdateOptions<T> options) {
    if (options.initial() == null) {
      throw new IllegalStateException("nothing to begin with");
    }
    return options.initial().get();
  }

  private static void pause(long ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw FreshetClientException.unavailable("interrupted between attempts of an update");
    }
  }

  /// Told of every change of a document of this collection, now and after every reconnect, until
  /// the subscription is closed.
  public Subscription subscribe(Consumer<TopicEvent<T>> listener) {
    return subscribe(TopicOptions.updated(name), listener);
  }

  /// As the other.
  ///
  /// @param options of a topic of this collection
  public Subscription subscribe(TopicOptions options, Consumer<TopicEvent<T>> listener) {
    return topics.add(options, type, listener);
  }

  private CompletableFuture<Document<T>> write(
      String op, @Nullable String id, @Nullable JsonObject data, WriteOptions options) {
    return operations
        .write(
            op,
            options,
            frame -> {
              frame.text("service", name).text("id", id).value("data", data);
              frame.raw("nulls", options.storeNulls() ? "\"set\"" : null);
            })
        .thenApply(answer -> documentOf(answer.object("document")));
  }

  private FrameText about(FrameText frame, String id) {
    return frame.text("service", name).text("id", id);
  }

  private JsonObject object(Object data) {
    return operations.mapper().writeObject(data);
  }

  private Document<T> documentOf(Frame frame) {
    return Document.of(frame, operations.mapper(), type);
  }

  private HistoryEntry<T> entryOf(Frame frame) {
    JsonValue data = frame.value("data");
    Instant timestamp = frame.time("timestamp");
    T read = data == null ? null : operations.mapper().read(data, type);
    return new HistoryEntry<>(
        frame.text("id", ""),
        frame.text("operation", ""),
        frame.number("revision", 0),
        timestamp == null ? Instant.EPOCH : timestamp,
        frame.text("actor"),
        read,
        Diff.of(frame.object("diff")));
  }

  /// All ids and revisions of a batch's answer, for [SyncClient#batch].
  static List<Document<Map<String, Object>>> documentsOf(List<Frame> results, Mapper mapper) {
    var documents = new ArrayList<Document<Map<String, Object>>>();
    results.forEach(
        each -> documents.add(Document.of(each.object("document"), mapper, DataType.MAPS)));
    return documents;
  }
}
