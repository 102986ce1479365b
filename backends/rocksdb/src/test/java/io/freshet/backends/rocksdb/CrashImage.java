// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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
  private static final int ATTEMPTS = 100;

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

  /// RocksDB may still tidy up in the background: then it is done again.
  static void ofKilledProcess(Path directory, Path image) throws IOException {
    for (int attempt = 1; !copied(directory, image); attempt++) {
      if (attempt == ATTEMPTS) {
        throw new IOException("The files of " + directory + " keep changing");
      }
    }
  }

  private static boolean copied(Path directory, Path image) throws IOException {
    deleteFiles(image);
    List<Path> files = files(directory);
    try {
      for (Path file : files) {
        Path target = image.resolve(directory.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    } catch (NoSuchFileException e) {
      return false;
    }
    return files.equals(files(directory));
  }

  private static void deleteFiles(Path directory) throws IOException {
    for (Path file : Files.exists(directory) ? files(directory).reversed() : List.<Path>of()) {
      Files.delete(file);
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.sorted().toList();
    } catch (UncheckedIOException e) {
      // One that was just listed is gone.
      return List.of();
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
