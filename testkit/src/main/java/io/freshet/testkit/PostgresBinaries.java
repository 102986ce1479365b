// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/// The programs of PostgreSQL, unpacked once beside the build's output.
final class PostgresBinaries {
  private PostgresBinaries() {}

  /// The directory that has `bin` and `lib`.
  static synchronized Path of(int version) throws IOException {
    String resource = "/postgres/" + version + "/postgres-linux-x86_64.txz";
    Path target = buildDirectory().resolve("postgres-" + version);
    try (InputStream archive = PostgresBinaries.class.getResourceAsStream(resource)) {
      Objects.requireNonNull(archive, "There is no PostgreSQL " + version + " to test with");
      // Its length stands for its version: another one is unpacked elsewhere.
      Path directory = target.resolveSibling(target.getFileName() + "-" + archive.available());
      if (!Files.isDirectory(directory)) {
        unpack(archive, directory);
      }
      return directory;
    }
  }

  private static Path buildDirectory() {
    try {
      var source = PostgresBinaries.class.getProtectionDomain().getCodeSource();
      return Objects.requireNonNull(
          Path.of(source.getLocation().toURI()).getParent(), "classes have a directory");
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Another process may do the same at the same time: whoever is first wins.
  private static void unpack(InputStream archive, Path directory) throws IOException {
    Path draft = Files.createTempDirectory(directory.getParent(), "unpacking");
    try (var tar = new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(archive)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        unpack(entry, tar, draft);
      }
    }
    try {
      Files.move(draft, directory, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw e;
    } catch (FileSystemException there) {
      if (!Files.isDirectory(directory)) {
        throw there;
      }
      delete(draft);
    }
  }

  private static void unpack(TarArchiveEntry entry, InputStream content, Path root)
      throws IOException {
    Path place = root.resolve(entry.getName()).normalize();
    if (!place.startsWith(root)) {
      throw new IOException("An entry outside of the archive: " + entry.getName());
    }
    if (entry.isDirectory()) {
      Files.createDirectories(place);
      return;
    }
    Files.createDirectories(place.getParent());
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(place, Path.of(entry.getLinkName()));
    } else if (entry.isLink()) {
      Files.createLink(place, root.resolve(entry.getLinkName()));
    } else {
      Files.copy(content, place);
      if (!place.toFile().setExecutable((entry.getMode() & 0100) != 0)) {
        throw new IOException("Cannot be made executable: " + place);
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      paths.sorted(Comparator.reverseOrder()).forEach(PostgresBinaries::deleteOne);
    }
  }

  private static void deleteOne(Path path) {
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
