// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What a sudden end leaves of a store's directory: a copy of its files as they are while the store
/// is open (and idle). That is what a killed process leaves; a loss of power leaves the write-ahead
/// log only as far as it was synced.
final class CrashImage {
  private CrashImage() {}

  /// The lengths of the write-ahead log's files now.
  static Map<String, Long> logLengths(Path directory) {
    var lengths = new HashMap<String, Long>();
    for (Path file : logFiles(directory)) {
      try {
        lengths.put(file.getFileName().toString(), Files.size(file));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return lengths;
  }

  static void ofKilledProcess(Path directory, Path image) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.toList()) {
        Path target = image.resolve(directory.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  /// @param synced the lengths when the write-ahead log was last synced; files created since are
  ///   empty
  static void ofLostPower(Path directory, Path image, Map<String, Long> synced) throws IOException {
    ofKilledProcess(directory, image);
    for (Path file : logFiles(image)) {
      long length = synced.getOrDefault(file.getFileName().toString(), 0L);
      try (var access = new RandomAccessFile(file.toFile(), "rw")) {
        access.setLength(Math.min(length, access.length()));
      }
    }
  }

  private static List<Path> logFiles(Path directory) {
    try (Stream<Path> files = Files.list(directory.resolve("rocksdb"))) {
      return files.filter(file -> file.toString().endsWith(".log")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
