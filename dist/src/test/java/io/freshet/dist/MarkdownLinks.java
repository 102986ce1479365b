// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The relative links of a Markdown page.
final class MarkdownLinks {
  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
  private static final Pattern CODE = Pattern.compile("`[^`]*`");
  private static final Pattern ELSEWHERE = Pattern.compile("^[a-z]+:.*");

  private MarkdownLinks() {}

  /// Those that lead to a file or a heading that is not there.
  static List<String> dead(Path page) {
    var dead = new ArrayList<String>();
    for (String line : proseOf(page)) {
      Matcher links = LINK.matcher(CODE.matcher(line).replaceAll(""));
      while (links.find()) {
        String link = links.group(1);
        if (!ELSEWHERE.matcher(link).matches() && !leadsSomewhere(page, link)) {
          dead.add(link);
        }
      }
    }
    return dead;
  }

  private static boolean leadsSomewhere(Path page, String link) {
    int hash = link.indexOf('#');
    String file = hash < 0 ? link : link.substring(0, hash);
    Path target = file.isEmpty() ? page : page.resolveSibling(file);
    if (!Files.exists(target)) {
      return false;
    }
    return hash < 0 || anchors(target).contains(link.substring(hash + 1));
  }

  private static List<String> anchors(Path page) {
    return proseOf(page).stream()
        .filter(line -> line.startsWith("#"))
        .map(MarkdownLinks::anchor)
        .toList();
  }

  /// As the usual renderers make it from a heading.
  private static String anchor(String heading) {
    return heading
        .replaceFirst("^#+\\s+", "")
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N}\\s_-]", "")
        .strip()
        .replaceAll("\\s", "-");
  }

  /// The lines that are not in fenced blocks of code.
  private static List<String> proseOf(Path page) {
    var prose = new ArrayList<String>();
    boolean fenced = false;
    for (String line : lines(page)) {
      if (line.stripLeading().startsWith("```")) {
        fenced = !fenced;
      } else if (!fenced) {
        prose.add(line);
      }
    }
    return prose;
  }

  private static List<String> lines(Path page) {
    try {
      return Files.readAllLines(page);
    } catch (IOException e) {
      throw new AssertionError("cannot read " + page, e);
    }
  }
}
