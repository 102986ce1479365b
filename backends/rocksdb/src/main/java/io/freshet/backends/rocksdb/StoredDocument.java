// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;

/// A document and where its last change stands.
///
/// @param log number of the log with its last change
/// @param offset of that change; 0 when there never was one
/// @param sinceImage how many changes back the last one with a full image is
record StoredDocument(Document document, int log, long offset, int sinceImage) {
  private static final int FORMAT = 1;

  /// Upper bound of the encoding of everything before the data.
  static final int HEADER_BYTES_MAX = 64;

  static StoredDocument missing(DocumentKey key) {
    return new StoredDocument(Document.missing(key), 0, 0, 0);
  }

  /// Writes the value of the `documents` and `bases` families. An empty object takes no bytes.
  void encode(ByteWriter out) {
    out.u8(FORMAT);
    out.u8(Codes.life(document.life()));
    out.u8(log);
    out.varint(document.revision());
    out.varint(document.createdAt());
    out.varint(document.updatedAt());
    out.varint(offset);
    out.varint(sinceImage);
    JsonValue data = document.data();
    if (!data.equals(JsonObject.empty())) {
      out.json(data);
    }
  }

  static StoredDocument decode(DocumentKey key, byte[] bytes) {
    var in = new ByteReader(bytes);
    StoredDocument header = header(key, in);
    if (in.remaining() == 0) {
      return header;
    }
    Document document = header.document;
    var complete =
        new Document(
            key,
            document.life(),
            document.revision(),
            in.json(),
            document.createdAt(),
            document.updatedAt());
    return new StoredDocument(complete, header.log, header.offset, header.sinceImage);
  }

  /// Everything but the data, which reads as `{}`.
  static StoredDocument header(DocumentKey key, ByteReader in) {
    if (in.u8() != FORMAT) {
      throw Refusals.malformed("the document " + key.recordName() + " has an unknown format");
    }
    Life life = Codes.life(in.u8());
    int log = in.u8();
    var document =
        new Document(key, life, in.varint(), JsonObject.empty(), in.varint(), in.varint());
    return new StoredDocument(document, log, in.varint(), (int) in.varint());
  }

  /// Whether the other document is in the same state but for the data.
  boolean hasStateOf(Document other) {
    return document.revision() == other.revision()
        && document.life() == other.life()
        && document.createdAt() == other.createdAt()
        && document.updatedAt() == other.updatedAt();
  }
}
