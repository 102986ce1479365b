// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.backends.rocksdb.Collections.Collection;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.Position;
import io.freshet.spi.Listed;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksIterator;

/// Finds things: the documents of a collection, a document's history, what has expired, the place
/// of an event id. Documents are partly on disk and partly, where they were changed lately, in
/// memory: what is in memory is gathered first, so that nothing is missed that moves to the disk
/// meanwhile.
///
/// **Threads.** Any.
final class Lookups {
  private final Opening parts;
  private final Database database;
  private final DirtyDocuments dirty;

  Lookups(Opening parts) {
    this.parts = parts;
    this.database = parts.database;
    this.dirty = parts.dirty;
  }

  List<Listed> scan(String collectionName, @Nullable String after, int max) {
    Collection collection = parts.collections.find(collectionName);
    if (collection == null) {
      return List.of();
    }
    Deque<StoredDocument> recent = new ArrayDeque<>(dirty.first(collectionName, after, max));
    var listed = new ArrayList<Listed>();
    try (var view = database.view();
        RocksIterator iterator = view.iterate(database.documents)) {
      // Behind an id comes first the id with one more byte, the lowest there is.
      iterator.seek(Keys.document(collection.number(), after == null ? "" : after + '\0'));
      while (listed.size() < max
          && view.standsOnEntry(iterator)
          && Keys.isDocument(iterator.key(), collection.number())) {
        byte[] id = Keys.id(Keys.documentId(iterator.key()));
        StoredDocument next = recent.peek();
        int order = next == null ? 1 : compare(next, id);
        if (next != null && order <= 0) {
          listed.add(listed(collection, recent.remove()));
        } else {
          var key = new DocumentKey(collectionName, Keys.documentId(iterator.key()));
          listed.add(listed(collection, StoredDocument.decode(key, iterator.value())));
        }
        if (order >= 0) {
          iterator.next();
        }
      }
    }
    while (listed.size() < max && !recent.isEmpty()) {
      listed.add(listed(collection, recent.remove()));
    }
    return listed;
  }

  private static int compare(StoredDocument stored, byte[] id) {
    return Arrays.compareUnsigned(Keys.id(stored.document().key().id()), id);
  }

  /// The offset of another log, where the collection was before, says nothing about this one.
  private static Listed listed(Collection collection, StoredDocument stored) {
    boolean here = stored.log() == collection.tail().number();
    return new Listed(stored.document(), here ? stored.offset() : 0);
  }

  List<Change> history(DocumentKey key, long after, int max) {
    Collection collection = parts.collections.find(key.collection());
    if (collection == null) {
      return List.of();
    }
    StoredDocument last = parts.documents.header(collection, key);
    return parts.reader.history(collection, last, this::log, after, max);
  }

  private LogTail log(int number) {
    LogTail tail = parts.logs.find(number);
    if (tail == null) {
      throw Refusals.malformed("there is no log " + number);
    }
    return tail;
  }

  private record Expired(long atMs, DocumentKey key) {}

  List<DocumentKey> expired(long untilMs, int max) {
    var expired = new ArrayList<Expired>();
    for (Document document : dirty.expired(untilMs, max)) {
      expired.add(new Expired(document.expiresAt(), document.key()));
    }
    int recent = expired.size();
    try (var view = database.view();
        RocksIterator iterator = view.iterate(database.due)) {
      iterator.seek(Keys.due(Due.EXPIRY, 0));
      while (expired.size() - recent < max
          && view.standsOnEntry(iterator)
          && Keys.isDue(iterator.key(), Due.EXPIRY)
          && Keys.dueMs(iterator.key()) <= untilMs) {
        byte[] documentKey = Keys.documentOfDue(iterator.key());
        Collection collection = parts.collections.numbered(Keys.collection(documentKey));
        var key = new DocumentKey(collection.name(), Keys.documentId(documentKey));
        if (dirty.get(key) == null) {
          expired.add(new Expired(Keys.dueMs(iterator.key()), key));
        }
        iterator.next();
      }
    }
    return expired.stream()
        .sorted(Comparator.comparingLong(Expired::atMs))
        .limit(max)
        .map(Expired::key)
        .distinct()
        .toList();
  }

  @Nullable Position locate(EventId id) {
    Meta.Tag tag = parts.tags.get(id.tag());
    LogTail tail = tag == null ? null : parts.logs.find(tag.log());
    if (tag == null || tail == null || id.offset() < tag.begin()) {
      return null;
    }
    boolean beyond = id.tag() == tail.tag() && id.offset() > tail.head();
    return beyond ? null : new Position(tail.id(), tag.epoch(), id.offset());
  }
}
