// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.feed.Publication;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.server.net.MessageKind;
import io.freshet.server.net.WebSocketFrames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes changes to the sessions of one event loop that have the record open. A change is made into
/// bytes once, if somebody is to be sent it; its writer is not. Nothing is left out for a slow
/// reader: over its bound it is closed.
///
/// Threading: confined to the event loop.
final class RecordFanOut {
  private static final Logger log = LoggerFactory.getLogger(RecordFanOut.class);

  private final Map<DocumentKey, List<OpenRecord>> open = new HashMap<>();

  /// One whole WebSocket frame.
  private static final class Encoded {
    private final byte[] frame;

    Encoded(byte[] frame) {
      this.frame = frame;
    }
  }

  /// What open records are told of a change.
  private enum Telling {
    NOTHING,
    UPDATE,
    DELETION
  }

  void add(OpenRecord record) {
    if (!record.isLive) {
      record.isLive = true;
      open.computeIfAbsent(record.key, key -> new ArrayList<>(2)).add(record);
    }
  }

  void remove(OpenRecord record) {
    List<OpenRecord> all = record.isLive ? open.get(record.key) : null;
    record.isLive = false;
    if (all != null && all.remove(record) && all.isEmpty()) {
      open.remove(record.key);
    }
  }

  void changes(List<Publication> publications) {
    for (int i = 0; i < publications.size() && !open.isEmpty(); i++) {
      Publication publication = publications.get(i);
      List<OpenRecord> records = open.get(publication.change().key());
      if (records != null) {
        send(publication, records);
      }
    }
  }

  /// Watchers who cannot be told of a change would have a gap: they start over.
  private static void send(Publication publication, List<OpenRecord> records) {
    try {
      Telling telling = tellingOf(publication.change());
      for (OpenRecord each : List.copyOf(records)) {
        send(publication, telling, each);
        if (telling == Telling.DELETION) {
          each.session.records().dropped(each);
        }
      }
    } catch (RuntimeException | OutOfMemoryError failure) {
      log.error("changes could not be sent; their watchers are disconnected", failure);
      List.copyOf(records).forEach(each -> each.session.socket().close());
    }
  }

  private static void send(Publication publication, Telling telling, OpenRecord to) {
    long revision = publication.change().revision();
    if (revision > to.revision) {
      to.revision = revision;
      if (to.session != publication.writer() && telling != Telling.NOTHING) {
        to.session.socket().send(publication.encoded(Encoded.class, RecordFanOut::encode).frame);
      }
    }
  }

  private static Telling tellingOf(Change change) {
    return switch (change.operation()) {
      case OPEN, RESTORE -> Telling.NOTHING;
      case DELETE, EXPIRE -> Telling.DELETION;
      case CREATE, REPLACE, MERGE, MUTATE, SNAPSHOT -> Telling.UPDATE;
    };
  }

  private static Encoded encode(Change change) {
    return new Encoded(
        tellingOf(change) == Telling.DELETION
            ? frame(out -> RecordFrames.deleted(out, change.after()))
            : frame(out -> RecordFrames.update(out, change)));
  }

  private static byte[] frame(Consumer<JsonOutput> writer) {
    var text = new JsonOutput();
    writer.accept(text);
    int length = text.length();
    ByteBuf frame = Unpooled.buffer(WebSocketFrames.headerBytes(length) + length);
    WebSocketFrames.writeHeader(frame, MessageKind.TEXT, length);
    frame.writeBytes(text.bytes(), 0, length);
    var bytes = new byte[frame.readableBytes()];
    frame.readBytes(bytes);
    return bytes;
  }

  /// The record was found to differ in the store.
  void refreshed(Document current) {
    for (OpenRecord each : of(current.key())) {
      if (current.isRecord()) {
        each.revision = current.revision();
        each.session.tell(out -> RecordFrames.update(out, current));
      } else {
        each.session.tell(out -> RecordFrames.deleted(out, current));
        each.session.records().dropped(each);
      }
    }
  }

  void providerChanged(DocumentKey key, boolean hasProvider) {
    for (OpenRecord each : of(key)) {
      each.session.tell(out -> RecordFrames.provider(out, key, hasProvider));
    }
  }

  private List<OpenRecord> of(DocumentKey key) {
    @Nullable List<OpenRecord> records = open.get(key);
    return records == null ? List.of() : List.copyOf(records);
  }
}
