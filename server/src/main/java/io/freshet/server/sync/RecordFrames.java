// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.feed.ListenSignal;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.RecordPath;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the server says about live records. Each method writes one frame and returns the output.
final class RecordFrames {
  /// Of a record that does not exist.
  private static final long MISSING = -1;

  private RecordFrames() {}

  private static JsonOutput begin(JsonOutput out, String type, DocumentKey key) {
    return out.raw("{\"type\":\"").raw(type).raw("\",\"name\":").string(key.recordName());
  }

  private static JsonOutput end(JsonOutput out, @Nullable String ref) {
    if (ref != null) {
      out.raw(",\"ref\":").string(ref);
    }
    return out.raw("}");
  }

  static long revision(Document document) {
    return document.isRecord() ? document.revision() : MISSING;
  }

  private static JsonValue data(Document document) {
    return document.isRecord() ? document.data() : JsonObject.empty();
  }

  // Answers.

  static JsonOutput opened(
      JsonOutput out, Document document, boolean hasProvider, @Nullable String ref) {
    begin(out, "record", document.key()).raw(",\"revision\":").number(revision(document));
    out.raw(",\"data\":").value(data(document));
    return end(out.raw(",\"hasProvider\":").raw(hasProvider ? "true" : "false"), ref);
  }

  /// @param withData whether its data is told, too
  static JsonOutput state(
      JsonOutput out, Document document, boolean withData, @Nullable String ref) {
    begin(out, "record", document.key()).raw(",\"revision\":").number(revision(document));
    if (withData) {
      out.raw(",\"data\":").value(data(document));
    }
    return end(out, ref);
  }

  static JsonOutput done(JsonOutput out, @Nullable String ref) {
    return end(out.raw("{\"type\":\"record\""), ref);
  }

  static JsonOutput done(JsonOutput out, DocumentKey key, @Nullable String ref) {
    return end(begin(out, "record", key), ref);
  }

  static JsonOutput listening(JsonOutput out, String type, String pattern, @Nullable String ref) {
    return end(out.raw("{\"type\":\"").raw(type).raw("\",\"pattern\":").string(pattern), ref);
  }

  // What happens.

  /// A write: its edits where each has a path that reads back as itself, else the whole record.
  static JsonOutput update(JsonOutput out, Change change) {
    Document after = change.after();
    List<FieldOperation> edits = change.operations();
    if (edits == null || !isPatchable(change, edits)) {
      return update(out, after);
    }
    begin(out, "recordUpdate", after.key()).raw(",\"revision\":").number(after.revision());
    out.raw(",\"patch\":[");
    for (int i = 0; i < edits.size(); i++) {
      edit(out.raw(i == 0 ? "{\"path\":" : ",{\"path\":"), edits.get(i));
    }
    return out.raw("]}");
  }

  private static boolean isPatchable(Change change, List<FieldOperation> edits) {
    return change.before().data() instanceof JsonObject
        && change.after().data() instanceof JsonObject
        && edits.stream().allMatch(each -> each.path().isAddressable());
  }

  private static void edit(JsonOutput out, FieldOperation edit) {
    switch (edit) {
      case FieldOperation.Set(RecordPath path, JsonValue value) ->
          out.string(path.render()).raw(",\"value\":").value(value).raw("}");
      case FieldOperation.Erase(RecordPath path) -> out.string(path.render()).raw("}");
    }
  }

  static JsonOutput update(JsonOutput out, Document document) {
    begin(out, "recordUpdate", document.key()).raw(",\"revision\":").number(document.revision());
    return out.raw(",\"data\":").value(data(document)).raw("}");
  }

  static JsonOutput deleted(JsonOutput out, Document document) {
    begin(out, "recordDeleted", document.key());
    return out.raw(",\"revision\":").number(document.revision()).raw("}");
  }

  /// It is not open any more: rules that came into force, or what now stands in it, forbid it.
  static JsonOutput noMore(JsonOutput out, DocumentKey key, Problem why) {
    return ended(begin(out, "error", key), why);
  }

  /// The pattern is not listened to any more.
  static JsonOutput listensNoMore(JsonOutput out, String pattern, Problem why) {
    return ended(out.raw("{\"type\":\"error\",\"pattern\":").string(pattern), why);
  }

  private static JsonOutput ended(JsonOutput out, Problem why) {
    why.writeMembers(out.raw(","), null);
    return out.raw("}");
  }

  static JsonOutput provider(JsonOutput out, DocumentKey key, boolean hasProvider) {
    begin(out, "recordProvider", key);
    return out.raw(",\"hasProvider\":").raw(hasProvider ? "true}" : "false}");
  }

  static JsonOutput signal(JsonOutput out, ListenSignal signal) {
    String type =
        switch (signal.kind()) {
          case FOUND -> "listenFound";
          case REMOVED -> "listenRemoved";
          case TIMED_OUT -> "listenTimedOut";
        };
    out.raw("{\"type\":\"").raw(type).raw("\",\"pattern\":").string(signal.pattern());
    return out.raw(",\"name\":").string(signal.name()).raw("}");
  }
}
