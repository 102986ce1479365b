// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.micro;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// A place for one benchmark's store, under `java.io.tmpdir`.
final class StoreDirectory {
  private StoreDirectory() {}

  static Path create(String name) {
    try {
      return Files.createTempDirectory(name);
    } catch (IOException e) {
      throw new IllegalStateException("no directory for the store", e);
    }
  }

  static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.delete(file);
      }
    }
  }
}
