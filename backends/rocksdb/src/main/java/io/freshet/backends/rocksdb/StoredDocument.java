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
  /// Without a time of expiry and without a user; still read.
  private static final int FORMAT_1 = 1;

  private static final int FORMAT = 2;

  /// Upper bound of the encoding of everything before the user.
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
    out.varint(document.expiresAt());
    out.text(document.updatedBy());
    JsonValue data = document.data();
    if (!data.equals(JsonObject.empty())) {
      out.json(data);
    }
  }

  static StoredDocument decode(DocumentKey key, byte[] bytes) {
    var in = new ByteReader(bytes);
    StoredDocument header = header(key, in);
    String updatedBy = bytes[0] == FORMAT_1 ? "" : in.text();
    return header.with(in.remaining() == 0 ? JsonObject.empty() : in.json(), updatedBy);
  }

  /// The same of what is left to read; an object is parsed when it is looked into.
  static StoredDocument unread(DocumentKey key, ByteReader in) {
    int format = in.peek();
    StoredDocument header = header(key, in);
    String updatedBy = format == FORMAT_1 ? "" : in.text();
    return header.with(in.remaining() == 0 ? JsonObject.empty() : in.unread(), updatedBy);
  }

  private StoredDocument with(JsonValue data, String updatedBy) {
    var complete =
        new Document(
            document.key(),
            document.life(),
            document.revision(),
            data,
            document.createdAt(),
            document.updatedAt(),
            document.expiresAt(),
            updatedBy);
    return new StoredDocument(complete, log, offset, sinceImage);
  }

  /// Everything but the user and the data, which read as nobody and `{}`.
  static StoredDocument header(DocumentKey key, ByteReader in) {
    int format = in.u8();
    if (format != FORMAT && format != FORMAT_1) {
      throw Refusals.malformed("the document " + key.recordName() + " has an unknown format");
    }
    Life life = Codes.life(in.u8());
    int log = in.u8();
    long revision = in.varint();
    long createdAt = in.varint();
    long updatedAt = in.varint();
    long offset = in.varint();
    int sinceImage = (int) in.varint();
    long expiresAt = format == FORMAT_1 ? 0 : in.varint();
    var document =
        new Document(key, life, revision, JsonObject.empty(), createdAt, updatedAt, expiresAt, "");
    return new StoredDocument(document, log, offset, sinceImage);
  }

  /// Whether the other document is in the same state but for the user and the data.
  boolean hasStateOf(Document other) {
    return document.revision() == other.revision()
        && document.life() == other.life()
        && document.createdAt() == other.createdAt()
        && document.updatedAt() == other.updatedAt()
        && document.expiresAt() == other.expiresAt();
  }
}
