// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.Operation;
import io.freshet.protocol.diff.Diff;
import io.freshet.protocol.diff.DiffEncoder;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.topic.TopicKind;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Events as JSON: the envelope of the Sync contract, section 4.3.
final class EventText {
  private EventText() {}

  static String topic(String collection, TopicKind kind) {
    return "sync." + collection + "." + kind.text();
  }

  /// @param diff of the change; asked for only if it is shown
  /// @param requestId the writer's name for the request; null for none
  static void writeChange(
      JsonOutput out,
      Change change,
      EventShape shape,
      Supplier<Diff> diff,
      @Nullable String requestId) {
    Diff shown = shape.mode() == ReturnMode.FULL || shape.resync() ? Diff.EMPTY : diff.get();
    out.raw("{\"id\":\"").raw(change.id().text()).raw("\",");
    writeHead(out, change.key(), shape, change.after().updatedAt());
    out.raw(ChangeText.operation(change.operation()));
    out.raw("\",\"revision\":").number(change.revision());
    writeChangeMetadata(out, change, shape, requestId);
    if (shown.skipped()) {
      out.raw(",\"diffSkipped\":true");
    }
    writePayloadName(out.raw("},"), change.key(), change.revision());
    boolean whole = shape.mode() != ReturnMode.DIFF || shape.resync() || shown.skipped();
    if (whole && !ChangeText.hides(change)) {
      writeData(out, ChangeText.shownData(change));
    }
    if (shape.mode() != ReturnMode.FULL) {
      out.raw(",\"diff\":").raw(DiffEncoder.SHORT.encode(shown));
    }
    out.raw(ChangeText.removes(change) ? ",\"deleted\":true}}" : "}}");
  }

  private static void writeChangeMetadata(
      JsonOutput out, Change change, EventShape shape, @Nullable String requestId) {
    out.raw(",\"previousRevision\":").number(change.before().revision());
    writeWhere(out, change.key(), shape);
    out.raw(",\"actor\":").string(change.actor());
    if (requestId != null) {
      out.raw(",\"requestId\":").string(requestId);
    }
    if (change.batch() != null) {
      out.raw(",\"batchId\":").string(change.batch());
    }
    if (change.operation() == Operation.CREATE && change.before().life() == Life.TOMBSTONE) {
      out.raw(",\"revived\":true");
    }
    if (shape.left()) {
      out.raw(",\"match\":\"left\"");
    }
    if (shape.resync()) {
      out.raw(",\"resync\":true");
    }
  }

  /// A document as it is, before the changes to come. Such an event is no change and has no id.
  static void writeSnapshot(JsonOutput out, Document document, EventShape shape) {
    writeHead(out.raw("{"), document.key(), shape, document.updatedAt());
    out.raw("snapshot\",\"revision\":").number(document.revision());
    writeWhere(out, document.key(), shape);
    writePayloadName(out.raw("},"), document.key(), document.revision());
    writeData(out, document.data());
    if (shape.mode() != ReturnMode.FULL) {
      out.raw(",\"diff\":").raw(DiffEncoder.SHORT.encode(Diff.EMPTY));
    }
    out.raw("}}");
  }

  private static void writeHead(JsonOutput out, DocumentKey key, EventShape shape, long timestamp) {
    out.raw("\"topic\":").string(topic(key.collection(), shape.kind()));
    out.raw(",\"source\":\"sync\",\"timestamp\":").number(timestamp);
    out.raw(",\"metadata\":{\"operation\":\"");
  }

  private static void writeWhere(JsonOutput out, DocumentKey key, EventShape shape) {
    out.raw(",\"service\":").string(key.collection());
    out.raw(",\"documentId\":").string(key.id());
    out.raw(",\"returnMode\":\"").raw(shape.mode().wireName()).raw("\"");
  }

  private static void writePayloadName(JsonOutput out, DocumentKey key, long revision) {
    out.raw("\"payload\":{\"service\":").string(key.collection());
    out.raw(",\"id\":").string(key.id()).raw(",\"revision\":").number(revision);
  }

  private static void writeData(JsonOutput out, JsonValue data) {
    out.raw(",\"data\":").value(data);
  }
}
