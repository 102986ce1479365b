// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Writes docs/reference/errors.md from the source of ErrorCode, where the documentation comment of
/// each constant is the text for users; or checks that the page is current.
///
/// Usage: `java tools/Errors.java check|write ROOT`
final class Errors {
  private static final String SOURCE =
      "protocol/src/main/java/io/freshet/protocol/error/ErrorCode.java";
  private static final String PAGE = "docs/reference/errors.md";
  private static final Pattern COMMENT = Pattern.compile("^ {2}/// ?(.*)$");
  private static final Pattern CONSTANT =
      Pattern.compile("^ {2}([A-Z_]+)\\((\\d+), (\\d+), Retry\\.([A-Z_]+)\\)[,;]$");

  private static final String HEAD =
      """
      # Errors

      <!-- Written by tools/Errors.java (`make docs`). Change ErrorCode.java instead. -->

      Whatever Freshet refuses, it refuses with one of these codes. Names and numbers are never used
      again for something else.

      A deepstream client gets its own protocol's answers, with code and text in their `data`;
      [the deepstream door](deepstream.md#answers) says which answer is for which error.

      The last column says when it makes sense to send the same thing again.
      """;

  private static final Map<String, String> RETRY =
      Map.of("NOW", "soon", "AFTER_RESYNC", "after reading again", "NEVER", "not as it is");

  private static final Map<Integer, String> AREAS =
      Map.of(1, "Input", 2, "State", 3, "Store", 4, "Identity and permission", 5, "Connection");

  private record Entry(String name, int number, String status, String retry, String text) {}

  public static void main(String[] args) throws IOException {
    Path root = Path.of(args[1]);
    String page = page(entries(Files.readAllLines(root.resolve(SOURCE))));
    Path file = root.resolve(PAGE);
    if (args[0].equals("write")) {
      Files.writeString(file, page);
    } else if (!Files.exists(file) || !Files.readString(file).equals(page)) {
      System.err.println(PAGE + " is not current (run 'make docs')");
      System.exit(1);
    }
  }

  private static List<Entry> entries(List<String> lines) {
    var entries = new ArrayList<Entry>();
    var text = new StringBuilder();
    for (String line : lines) {
      Matcher comment = COMMENT.matcher(line);
      Matcher constant = CONSTANT.matcher(line);
      if (comment.matches()) {
        text.append(text.isEmpty() ? "" : " ").append(comment.group(1));
      } else if (constant.matches()) {
        entries.add(
            new Entry(
                constant.group(1),
                Integer.parseInt(constant.group(2)),
                constant.group(3),
                RETRY.get(constant.group(4)),
                text.toString()));
        text.setLength(0);
      } else {
        text.setLength(0);
      }
    }
    return entries;
  }

  private static String page(List<Entry> entries) {
    var page = new StringBuilder(HEAD);
    int area = 0;
    for (Entry entry : entries) {
      if (entry.number / 1000 != area) {
        area = entry.number / 1000;
        page.append("\n## ").append(AREAS.get(area)).append("\n\n");
        page.append("| Number | Code | Status | Meaning | Again |\n|---|---|---|---|---|\n");
      }
      page.append(
          "| %d | `%s` | %s | %s | %s |\n"
              .formatted(entry.number, entry.name, entry.status, entry.text, entry.retry));
    }
    return page.toString();
  }
}
