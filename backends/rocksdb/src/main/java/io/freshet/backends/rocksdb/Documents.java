// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.backends.rocksdb.Collections.Collection;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;

/// The committed documents: the dirty ones in memory, the others on disk. Any thread.
final class Documents {
  private final Database database;
  private final Collections collections;
  private final DirtyDocuments dirty;

  Documents(Database database, Collections collections, DirtyDocuments dirty) {
    this.database = database;
    this.collections = collections;
    this.dirty = dirty;
  }

  Document load(DocumentKey key) {
    Collection collection = collections.find(key.collection());
    return collection == null ? Document.missing(key) : find(collection, key).document();
  }

  /// The document and where its last change stands.
  StoredDocument find(Collection collection, DocumentKey key) {
    StoredDocument recent = dirty.get(key);
    if (recent != null) {
      return recent;
    }
    byte[] value = database.get(database.documents, Keys.document(collection.number(), key.id()));
    return value == null ? StoredDocument.missing(key) : StoredDocument.decode(key, value);
  }

  /// The same for a write decided on `expected`: if the document still is in that state, its data
  /// need not be read and parsed again.
  StoredDocument current(Collection collection, Document expected) {
    DocumentKey key = expected.key();
    StoredDocument recent = dirty.get(key);
    if (recent != null) {
      return recent;
    }
    StoredDocument header = header(collection, key);
    if (header.hasStateOf(expected)) {
      return new StoredDocument(expected, header.log(), header.offset(), header.sinceImage());
    }
    return header.offset() == 0 ? header : find(collection, key);
  }

  /// The document without its data, as it is on disk or, if it is dirty, in memory.
  StoredDocument header(Collection collection, DocumentKey key) {
    StoredDocument recent = dirty.get(key);
    if (recent != null) {
      return recent;
    }
    var beginning = new byte[StoredDocument.HEADER_BYTES_MAX];
    byte[] diskKey = Keys.document(collection.number(), key.id());
    int length = database.getBeginning(database.documents, diskKey, beginning);
    return length < 0
        ? StoredDocument.missing(key)
        : StoredDocument.header(
            key, new ByteReader(beginning, 0, Math.min(length, beginning.length)));
  }
}
