// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import com.google.googlejavaformat.java.Formatter;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Checks or applies google-java-format and the two-line licence header for every Java file below
/// the given root. Run as source on the JDK that compiles the project, because the formatter parses
/// with that JDK's own compiler: a build on an older Java could not read our syntax.
///
/// Usage: `java -cp google-java-format-all-deps.jar tools/Format.java check|apply ROOT`
final class Format {
  private static final String HEADER =
      "// SPDX-FileCopyrightText: Freshet contributors\n// SPDX-License-Identifier: Apache-2.0\n";
  private static final Set<String> SKIPPED = Set.of("target", "node_modules", ".git");

  public static void main(String[] args) throws Exception {
    boolean apply = args[0].equals("apply");
    Path known = Path.of(args[1], "target", "tools", "formatted");
    Set<String> before = Files.exists(known) ? Set.copyOf(Files.readAllLines(known)) : Set.of();
    var good = new ArrayList<String>();
    var wrong = new ArrayList<Path>();
    for (Path file : javaFiles(Path.of(args[1]))) {
      if (before.contains(stamp(file)) || isFormatted(file, apply)) {
        good.add(stamp(file));
      } else {
        wrong.add(file);
      }
    }
    Files.createDirectories(known.getParent());
    Files.write(known, good);
    if (!wrong.isEmpty()) {
      System.err.println("Not formatted (run 'make fmt'):");
      wrong.forEach(file -> System.err.println("  " + file));
      System.exit(1);
    }
  }

  /// Formatting takes longer than all else in a small build, so a file is looked at again only when
  /// it has changed since it was found good.
  private static String stamp(Path file) throws IOException {
    return Files.getLastModifiedTime(file).toMillis() + " " + Files.size(file) + " " + file;
  }

  private static boolean isFormatted(Path file, boolean apply) throws IOException {
    String before = Files.readString(file);
    String after;
    try {
      after = new Formatter().formatSourceAndFixImports(withHeader(before));
    } catch (Exception e) {
      System.err.println(file + ": " + e.getMessage());
      return false;
    }
    if (apply && !after.equals(before)) {
      Files.writeString(file, after);
    }
    return apply || after.equals(before);
  }

  private static String withHeader(String source) {
    return source.startsWith(HEADER) ? source : HEADER + "\n" + source;
  }

  private static List<Path> javaFiles(Path root) throws IOException {
    var files = new ArrayList<Path>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            return SKIPPED.contains(dir.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java")) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    files.sort(null);
    return files;
  }
}
