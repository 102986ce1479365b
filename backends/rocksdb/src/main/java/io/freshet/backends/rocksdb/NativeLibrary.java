// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/// Loads RocksDB's native library. By itself it would unpack 17 MB from its archive into a
/// temporary file at every start; a bundle that unpacked it once names the directory in the system
/// property `freshet.native`.
final class NativeLibrary {
  static final String DIRECTORY_PROPERTY = "freshet.native";

  private NativeLibrary() {}

  static void load() {
    String directory = System.getProperty(DIRECTORY_PROPERTY);
    if (directory != null && Files.isReadable(Path.of(directory, fileName()))) {
      RocksDB.loadLibrary(List.of(directory));
    } else {
      RocksDB.loadLibrary();
    }
  }

  /// The file of this platform, inside the archive and inside the bundle's directory.
  static String fileName() {
    return Environment.getJniLibraryFileName("rocksdb");
  }
}
