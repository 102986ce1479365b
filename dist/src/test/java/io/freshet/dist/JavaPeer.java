// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import static io.freshet.client.FreshetClient.await;

import io.freshet.client.Change;
import io.freshet.client.ChangeStream;
import io.freshet.client.DocumentCollection;
import io.freshet.client.FreshetClient;
import io.freshet.client.LiveRecord;
import io.freshet.client.Mutations;
import io.freshet.client.ReturnMode;
import io.freshet.client.TopicEvent;
import io.freshet.client.TopicOptions;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/// The Java client beside the npm clients of `src/test/client`: writes what lines of standard input
/// say, and says on standard output what its watchers see. Both in JSON, a value as its text.
///
/// Threading: lines are done one after the other; watchers speak from the client's threads.
final class JavaPeer {
  private final FreshetClient writing;
  private final FreshetClient watching;
  private final String collection;
  private final DocumentCollection<Map<String, Object>> documents;
  private final Map<String, LiveRecord> written = new HashMap<>();
  private final Map<String, Map<String, Object>> copies = new ConcurrentHashMap<>();

  private JavaPeer(String url, String collection) {
    this.writing = FreshetClient.connect(url);
    this.watching = FreshetClient.connect(url);
    this.collection = collection;
    this.documents = writing.sync().collection(collection);
  }

  public static void main(String[] args) throws IOException {
    var peer = new JavaPeer(args[0], args[1]);
    peer.watchCollection();
    say(Map.of("ready", true));
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      peer.obey((JsonObject) Json.parse(line));
    }
    peer.writing.close();
    peer.watching.close();
  }

  private static synchronized void say(Map<String, ?> what) {
    System.out.println(Json.text(json(what)));
  }

  private void obey(JsonObject line) {
    String id = text(line, "id");
    switch (text(line, "do")) {
      case "watch" -> watchRecord(id);
      case "record" -> writeRecord(id, line);
      case "document" -> writeDocument(id, line);
      case String other -> throw new IllegalArgumentException(other);
    }
    say(Map.of("done", text(line, "ref")));
  }

  private static String text(JsonObject object, String member) {
    return object.get(member) instanceof JsonString text ? text.value() : "";
  }

  // Watching.

  private void watchCollection() {
    TopicOptions all = TopicOptions.updated(collection);
    await(watching.subscribe(all, event -> sayEvent("topic", event, event.data())).ready());
    TopicOptions diffs = all.returnMode(ReturnMode.DIFF);
    await(watching.subscribe(diffs, event -> sayEvent("diffs", event, patched(event))).ready());
    ChangeStream<Map<String, Object>> stream = watching.changes(collection).stream();
    await(stream.ready());
    var unused = stream.each(this::sayChange);
  }

  /// A copy that is kept by differences alone.
  private Map<String, Object> patched(TopicEvent<?> event) {
    Map<String, Object> before = copies.getOrDefault(event.documentId(), Map.of());
    Map<String, Object> after = event.diff() == null ? before : event.diff().applyTo(before);
    copies.put(event.documentId(), after);
    return after;
  }

  private void watchRecord(String id) {
    LiveRecord record = await(watching.records().getRecord(collection + "/" + id).whenReady());
    var unused =
        record.subscribe(data -> saySeen("record", id, state(record.version(), (Map<?, ?>) data)));
    record.onDelete(() -> saySeen("record", id, Map.of("deleted", true)));
  }

  private static void sayEvent(String watcher, TopicEvent<?> event, Map<String, Object> data) {
    var seen = new LinkedHashMap<String, Object>(Map.of("event", event.id()));
    seen.putAll(
        event.deleted()
            ? Map.of("deleted", true, "revision", event.revision())
            : state(event.revision(), data));
    saySeen(watcher, event.documentId(), seen);
  }

  private void sayChange(Change<Map<String, Object>> change) {
    String id = change.place().documentId();
    long revision = change.place().revision();
    Map<String, Object> row =
        switch (change) {
          case Change.Created<Map<String, Object>>(var created, var place) -> created;
          case Change.Updated<Map<String, Object>>(var before, var after, var place) -> after;
          case Change.Deleted<Map<String, Object>>(var deleted, var place) -> Map.of();
        };
    var seen = new LinkedHashMap<String, Object>(Map.of("event", change.id()));
    if (change instanceof Change.Deleted) {
      seen.putAll(Map.of("deleted", true, "revision", revision));
    } else {
      seen.putAll(state(revision, row));
    }
    saySeen("stream", id, seen);
  }

  private static Map<String, Object> state(long revision, Map<?, ?> data) {
    return Map.of("revision", revision, "text", Json.text(json(data)));
  }

  private static void saySeen(String watcher, String id, Map<String, ?> what) {
    var seen = new LinkedHashMap<String, Object>(what);
    seen.put("watcher", watcher);
    seen.put("id", id);
    say(seen);
  }

  // Writing.

  private void writeRecord(String id, JsonObject line) {
    LiveRecord record =
        written.computeIfAbsent(
            id, name -> await(writing.records().getRecord(collection + "/" + name).whenReady()));
    String path = text(line, "path");
    Object value = plain(line.get("value"));
    switch (text(line, "step")) {
      case "create", "replace" -> await(record.set(value));
      case "set" -> await(record.set(path, value));
      case "erase" -> await(record.erase(path));
      case "delete" -> await(record.delete());
      case String other -> throw new IllegalArgumentException(other);
    }
  }

  private void writeDocument(String id, JsonObject line) {
    String path = text(line, "path");
    Object value = plain(line.get("value"));
    CompletableFuture<?> done =
        switch (text(line, "step")) {
          case "create" -> documents.create(id, row(value));
          case "replace" -> documents.replace(id, row(value));
          case "set" -> documents.mutate(id, Mutations.begin().set(path, value));
          case "erase" -> documents.mutate(id, Mutations.begin().unset(path));
          case "delete" -> documents.delete(id);
          case String other -> throw new IllegalArgumentException(other);
        };
    await(done);
  }

  @SuppressWarnings("unchecked") // JSON objects have string keys
  private static Map<String, Object> row(Object value) {
    return (Map<String, Object>) value;
  }

  // Values as programs have them.

  private static Object plain(JsonValue value) {
    return switch (value) {
      case null -> null;
      case JsonNull nothing -> null;
      case JsonBoolean bool -> bool == JsonBoolean.TRUE;
      case JsonNumber number -> number.isLong() ? (Number) number.longValue() : number.value();
      case JsonString text -> text.value();
      case JsonArray array -> {
        List<Object> elements = new ArrayList<>();
        array.forEach(each -> elements.add(plain(each)));
        yield elements;
      }
      case JsonObject object -> {
        Map<String, Object> members = new LinkedHashMap<>();
        object.forEach((key, each) -> members.put(key, plain(each)));
        yield members;
      }
    };
  }

  private static JsonValue json(Object value) {
    return switch (value) {
      case null -> JsonNull.NULL;
      case Boolean bool -> bool ? JsonBoolean.TRUE : JsonBoolean.FALSE;
      case Number number -> JsonNumber.of(new BigDecimal(number.toString()));
      case String text -> JsonString.of(text);
      case List<?> list -> JsonArray.of(list.stream().map(JavaPeer::json).toList());
      case Map<?, ?> map -> {
        JsonObject object = JsonObject.empty();
        for (Map.Entry<?, ?> each : map.entrySet()) {
          object = object.with((String) each.getKey(), json(each.getValue()));
        }
        yield object;
      }
      default -> throw new IllegalArgumentException("no JSON: " + value.getClass());
    };
  }
}
