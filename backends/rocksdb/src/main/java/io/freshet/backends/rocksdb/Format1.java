// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.DocumentKey;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/// What a store of format 1 lacks. Its values are read as they are; its tombstones are not listed
/// in `due` (nothing in it expires), and would be kept for ever.
final class Format1 {
  private static final long SLICE_BYTES = 1 << 20;
  private static final DocumentKey NO_KEY = new DocumentKey("", "");

  private Format1() {}

  /// Lists them, so durably that the format may be raised. May be done again.
  static void listTombstones(Database database) throws RocksDBException {
    try (var view = database.view();
        var batch = new WriteBatch();
        RocksIterator iterator = view.iterate(database.documents)) {
      for (iterator.seekToFirst(); view.standsOnEntry(iterator); iterator.next()) {
        byte[] value = iterator.value();
        int length = Math.min(value.length, StoredDocument.HEADER_BYTES_MAX);
        Due due =
            Due.of(StoredDocument.header(NO_KEY, new ByteReader(value, 0, length)).document());
        if (due != null) {
          batch.put(database.due, due.key(iterator.key()), new byte[0]);
        }
        if (batch.getDataSize() > SLICE_BYTES) {
          database.write(batch, Database.Sync.SKIP_LOG);
          batch.clear();
        }
      }
      database.write(batch, Database.Sync.SKIP_LOG);
    }
    database.flush();
  }
}
