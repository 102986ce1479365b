// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.feed.Publication;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.filter.Action;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.util.HashMap;
import java.util.Map;

/// One change as the event that change streams are sent, made once for all of them; and its frame,
/// once for all whose streams are called the same.
///
/// Threading: any thread.
final class StreamEvents {
  private static final String ID = "id";

  private final byte[] event;
  private final Map<String, byte[]> frames = new HashMap<>(2);

  private StreamEvents(Change change) {
    var out = new JsonOutput();
    write(out, change);
    this.event = out.toBytes();
  }

  static StreamEvents of(Publication publication) {
    return publication.encoded(StreamEvents.class, StreamEvents::new);
  }

  /// Not to be modified.
  byte[] event() {
    return event;
  }

  /// A whole WebSocket message. Not to be modified.
  synchronized byte[] frame(String streamId, JsonOutput scratch) {
    byte[] known = frames.get(streamId);
    if (known == null) {
      writeFrameHead(scratch.clear(), streamId).raw(event).raw("}");
      known = EventFrame.webSocket(scratch);
      frames.put(streamId, known);
    }
    return known;
  }

  /// A message, without its end, of a change that only one stream is sent.
  static JsonOutput writeFrameHead(JsonOutput out, String streamId) {
    return out.raw("{\"type\":\"change\",\"streamId\":\"").raw(streamId).raw("\",\"event\":");
  }

  static void write(JsonOutput out, Change change) {
    Action action = action(change);
    out.raw("{\"id\":\"").raw(change.id().text());
    out.raw("\",\"action\":\"").raw(action.text());
    out.raw("\",\"collection\":").string(change.key().collection());
    out.raw(",\"documentId\":").string(change.key().id());
    out.raw(",\"revision\":").number(change.revision());
    switch (action) {
      case CREATE -> row(out.raw(",\"created\":"), change.after());
      case UPDATE -> {
        row(out.raw(",\"before\":"), change.before());
        row(out.raw(",\"after\":"), change.after());
      }
      case DELETE -> row(out.raw(",\"deleted\":"), change.before());
    }
    out.raw("}");
  }

  static Action action(Change change) {
    Action action = Action.of(change.operation());
    if (action == null) {
      throw new IllegalArgumentException("no stream shows an opening");
    }
    return action;
  }

  /// The data, with the document's id where it has none of its own.
  private static void row(JsonOutput out, Document document) {
    JsonValue data = document.data();
    if (data instanceof JsonObject object && object.get(ID) == null) {
      out.raw("{\"id\":").string(document.key().id()).membersBehind(object);
    } else {
      out.value(data);
    }
  }
}
