// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The source tree this build belongs to.
public final class Checkout {
  /// Made by builds and tools; never part of a commit.
  private static final Set<String> SKIPPED =
      Set.of("target", "node_modules", ".git", ".idea", ".vscode");

  private Checkout() {}

  public static Path root() {
    Path here = Path.of("").toAbsolutePath();
    for (Path folder = here; folder != null; folder = folder.getParent()) {
      if (Files.exists(folder.resolve("tools")) && Files.exists(folder.resolve("protocol"))) {
        return folder;
      }
    }
    throw new AssertionError("not inside a checkout: " + here);
  }

  /// Every file that may be committed, sorted.
  public static List<Path> files() {
    Path root = root();
    Path data = root.resolve("data");
    var files = new ArrayList<Path>();
    var visitor =
        new SimpleFileVisitor<Path>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            boolean skipped =
                SKIPPED.contains(folder.getFileName().toString()) || folder.equals(data);
            return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile() && !isIgnored(file.getFileName().toString())) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        };
    try {
      Files.walkFileTree(root, visitor);
    } catch (IOException e) {
      throw new AssertionError("cannot read " + root, e);
    }
    files.sort(null);
    return files;
  }

  /// A work tree's link to its repository, and what .gitignore names.
  private static boolean isIgnored(String name) {
    return name.equals(".git")
        || name.equals(".DS_Store")
        || name.endsWith(".log")
        || name.endsWith(".iml")
        || name.startsWith("hs_err_pid");
  }
}
