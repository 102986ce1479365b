// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.server.net.MessageKind;
import io.freshet.server.net.WebSocketFrames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/// Envelopes in the frames of their transport.
final class EventFrame {
  private EventFrame() {}

  static byte[] of(
      Change change, EventShape shape, String ids, byte[] envelope, JsonOutput scratch) {
    String topic = EventText.topic(change.key().collection(), shape.kind());
    return of(topic, change.id().text(), shape.transport(), ids, envelope, scratch);
  }

  static byte[] ofSnapshot(Document document, EventShape shape, String ids, JsonOutput scratch) {
    EventText.writeSnapshot(scratch.clear(), document, shape);
    String topic = EventText.topic(document.key().collection(), shape.kind());
    return of(topic, null, shape.transport(), ids, scratch.toBytes(), scratch);
  }

  private static byte[] of(
      String topic,
      @Nullable String id,
      Transport transport,
      String ids,
      byte[] envelope,
      JsonOutput scratch) {
    return switch (transport) {
      case WEB_SOCKET -> {
        scratch.clear().raw("{\"type\":\"event\",\"topic\":").string(topic);
        scratch.raw(",\"data\":").raw(envelope).raw(",\"subscriptionIds\":").raw(ids).raw("}");
        yield webSocket(scratch);
      }
      case SERVER_SENT_EVENTS -> {
        scratch.clear().raw("event: ").text(topic);
        if (id != null) {
          scratch.raw("\nid: ").raw(id);
        }
        yield scratch.raw("\ndata: ").raw(envelope).raw("\n\n").toBytes();
      }
    };
  }

  /// One text message.
  static byte[] webSocket(JsonOutput text) {
    int length = text.length();
    int header = WebSocketFrames.headerBytes(length);
    var bytes = new byte[header + length];
    ByteBuf out = Unpooled.wrappedBuffer(bytes).clear();
    WebSocketFrames.writeHeader(out, MessageKind.TEXT, length);
    System.arraycopy(text.bytes(), 0, bytes, header, length);
    return bytes;
  }
}
