// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.protocol.DocumentKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/// What a closed (or killed) store left on disk, looked at from outside.
final class Families {
  private static final DocumentKey ANY = new DocumentKey("any", "any");

  private Families() {}

  /// How many entries a family has.
  static int count(Path directory, String family) throws RocksDBException {
    var keys = new ArrayList<byte[]>();
    forEach(directory, family, (key, value) -> keys.add(key));
    return keys.size();
  }

  /// Fails unless `due` lists exactly what is due of the documents.
  static void assertDueInStep(Path directory) throws RocksDBException {
    var expected = new TreeSet<String>();
    var listed = new TreeSet<String>();
    HexFormat hex = HexFormat.of();
    forEach(
        directory,
        "documents",
        (key, value) -> {
          Due due = Due.of(StoredDocument.decode(ANY, value).document());
          if (due != null) {
            expected.add(hex.formatHex(due.key(key)));
          }
        });
    forEach(directory, "due", (key, value) -> listed.add(hex.formatHex(key)));
    assertEquals(expected, listed);
  }

  private static void forEach(Path directory, String family, BiConsumer<byte[], byte[]> action)
      throws RocksDBException {
    String path = directory.resolve("rocksdb").toString();
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    try (var options = new Options();
        var dbOptions = new DBOptions();
        RocksDB rocks =
            RocksDB.openReadOnly(
                dbOptions,
                path,
                RocksDB.listColumnFamilies(options, path).stream()
                    .map(ColumnFamilyDescriptor::new)
                    .toList(),
                handles)) {
      for (ColumnFamilyHandle handle : handles) {
        if (new String(handle.getName(), StandardCharsets.UTF_8).equals(family)) {
          try (RocksIterator iterator = rocks.newIterator(handle)) {
            for (iterator.seekToFirst(); iterator.isValid(); iterator.next()) {
              action.accept(iterator.key(), iterator.value());
            }
            iterator.status();
          }
        }
      }
      handles.forEach(ColumnFamilyHandle::close);
    }
  }
}
