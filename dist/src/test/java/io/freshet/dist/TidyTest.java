// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.testkit.Checkout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The habits of CONTRIBUTING.md that a program can check, for every file of the checkout.
class TidyTest {
  private static final int LINE_MAX = 100;
  private static final int FILE_LINES_MAX = 600;
  private static final int METHOD_LINES_MAX = 70;
  private static final long FILE_BYTES_MAX = 1 << 20;

  /// Far fewer would mean that the walk looked in the wrong place and the rules pass on nothing.
  private static final int JAVA_FILES_MIN = 120;

  private static final Set<String> CODE = Set.of("java", "js", "mjs", "ts");
  private static final Set<String> TEXT =
      Set.of("java", "js", "mjs", "ts", "sh", "md", "xml", "yml", "yaml", "json", "options");

  /// Put together here, or this file would hold them.
  private static final Pattern UNFINISHED =
      Pattern.compile("\\b(TO" + "DO|FIX" + "ME|X" + "XX)\\b");

  private static final Pattern MACHINE_PATH =
      Pattern.compile("(?<![\\w.$}/-])/(work|root|tmp" + "/briefs)/");

  private record Source(Path path, List<String> lines) {
    String at(int index) {
      return path + ":" + (index + 1);
    }
  }

  @Test
  void seesTheWholeCheckout() {
    int javaFiles = sources(Set.of("java")).size();
    assertTrue(javaFiles >= JAVA_FILES_MIN, "only " + javaFiles + " Java files seen");
  }

  @Test
  void javaLinesFitTheScreen() {
    var found = new ArrayList<String>();
    for (Source source : sources(Set.of("java"))) {
      boolean textBlock = false;
      for (int i = 0; i < source.lines.size(); i++) {
        String line = source.lines.get(i);
        textBlock ^= line.contains("\"\"\"") && line.split("\"\"\"", -1).length % 2 == 0;
        if (!textBlock && isLong(line) && isBreakable(line.strip())) {
          found.add(source.at(i));
        }
      }
    }
    assertEquals(List.of(), found);
  }

  private static boolean isLong(String line) {
    return line.codePointCount(0, line.length()) > LINE_MAX;
  }

  /// A row of a table in a comment is not, nor is a single word.
  private static boolean isBreakable(String line) {
    return !line.startsWith("/// |") && line.indexOf(' ') >= 0;
  }

  @Test
  void nothingIsIndentedByTabs() {
    noLine(TEXT, line -> line.indexOf('\t') >= 0);
  }

  @Test
  void nothingIsUnfinished() {
    noLine(TEXT, line -> UNFINISHED.matcher(line).find());
  }

  @Test
  void nothingNamesPlacesOfOneMachine() {
    noLine(TEXT, line -> MACHINE_PATH.matcher(line).find());
  }

  private static void noLine(Set<String> extensions, Predicate<String> wrong) {
    var found = new ArrayList<String>();
    for (Source source : sources(extensions)) {
      for (int i = 0; i < source.lines.size(); i++) {
        if (wrong.test(source.lines.get(i))) {
          found.add(source.at(i));
        }
      }
    }
    assertEquals(List.of(), found);
  }

  @Test
  void codeSaysUnderWhichLicenceItIs() {
    var found = new ArrayList<Path>();
    for (Source source : sources(Set.of("java", "js", "mjs", "ts", "sh"))) {
      String head = String.join("\n", source.lines.subList(0, Math.min(3, source.lines.size())));
      if (!head.contains("SPDX-License-Identifier: Apache-2.0")) {
        found.add(source.path);
      }
    }
    assertEquals(List.of(), found);
  }

  @Test
  void filesAreShort() {
    var found = new ArrayList<String>();
    for (Source source : sources(CODE)) {
      if (source.lines.size() > FILE_LINES_MAX) {
        found.add(source.path + ": " + source.lines.size() + " lines");
      }
    }
    assertEquals(List.of(), found);
  }

  @Test
  void methodsAreShort() {
    var found = new ArrayList<String>();
    int methods = 0;
    for (Source source : sources(Set.of("java"))) {
      for (Methods.Method method : Methods.of(String.join("\n", source.lines))) {
        methods++;
        if (method.lines() > METHOD_LINES_MAX) {
          found.add(source.at(method.line() - 1) + ": " + method.lines() + " lines");
        }
      }
    }
    assertEquals(List.of(), found);
    assertTrue(methods > 3 * JAVA_FILES_MIN, "only " + methods + " methods seen");
  }

  @Test
  void filesAreSmall() throws IOException {
    var found = new ArrayList<Path>();
    for (Path file : Checkout.files()) {
      if (Files.size(file) > FILE_BYTES_MAX) {
        found.add(relative(file));
      }
    }
    assertEquals(List.of(), found);
  }

  @Test
  void lockFilesNameNoDownloadAddresses() {
    var found = new ArrayList<Path>();
    for (Source source : sources(Set.of("json"))) {
      boolean lock = source.path.getFileName().toString().equals("package-lock.json");
      // Folders of this repository may be named, places elsewhere may not.
      if (lock && source.lines.stream().anyMatch(line -> line.matches(".*\"resolved\".*:/.*"))) {
        found.add(source.path);
      }
    }
    assertEquals(List.of(), found);
  }

  @Test
  void linksBetweenPagesLeadSomewhere() {
    var dead = new ArrayList<String>();
    for (Source source : sources(Set.of("md"))) {
      Path page = Checkout.root().resolve(source.path);
      MarkdownLinks.dead(page).forEach(link -> dead.add(source.path + ": " + link));
    }
    assertEquals(List.of(), dead);
  }

  private static List<Source> sources(Set<String> extensions) {
    var sources = new ArrayList<Source>();
    for (Path file : Checkout.files()) {
      String name = file.getFileName().toString();
      if (extensions.contains(name.substring(name.lastIndexOf('.') + 1))) {
        sources.add(new Source(relative(file), lines(file)));
      }
    }
    return sources;
  }

  private static Path relative(Path file) {
    return Checkout.root().relativize(file);
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(file + " is not text in UTF-8", e);
    }
  }
}
