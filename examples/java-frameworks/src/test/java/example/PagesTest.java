// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The Java of the pages is that of this module, which is compiled: all but the spaces is the same.
class PagesTest {
  private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern DEPENDENCY =
      Pattern.compile("<artifactId>freshet-client</artifactId>\\s*<version>([^<]*)</version>");
  private static final Path SOURCES = Path.of("src/test/java/example");

  @ParameterizedTest
  @CsvSource({"../../docs/guides/java.md, 15", "../../clients/java/README.md, 5"})
  void everyBlockIsCompiled(Path page, int blocksMin) throws IOException {
    List<String> sources = sources();
    Matcher block = BLOCK.matcher(Files.readString(page));
    var missing = new ArrayList<String>();
    int blocks = 0;
    for (; block.find(); blocks++) {
      String text = withoutSpaces(block.group(1));
      if (sources.stream().noneMatch(source -> source.contains(text))) {
        missing.add(block.group(1));
      }
    }
    assertEquals(List.of(), missing);
    assertTrue(blocks >= blocksMin, "only " + blocks + " blocks seen");
  }

  @ParameterizedTest
  @CsvSource({"../../docs/guides/java.md", "../../clients/java/README.md"})
  void theDependencyIsTheOneBuiltHere(Path page) throws IOException {
    Matcher shown = DEPENDENCY.matcher(Files.readString(page));
    assertTrue(shown.find(), page + " shows no dependency");
    String parent = Files.readString(Path.of("pom.xml"));
    assertTrue(parent.contains("<version>" + shown.group(1) + "</version>"), shown.group(1));
  }

  private static List<String> sources() throws IOException {
    var sources = new ArrayList<String>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path each : files.filter(file -> file.toString().endsWith(".java")).toList()) {
        sources.add(withoutSpaces(Files.readString(each)));
      }
    }
    return sources;
  }

  private static String withoutSpaces(String text) {
    return text.replaceAll("\\s+", "");
  }
}
