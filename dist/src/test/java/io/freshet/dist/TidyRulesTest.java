// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.freshet.testkit.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What [TidyTest] looks with finds what it looks for.
class TidyRulesTest {

  @Test
  void findsEveryMethodAndItsLength() {
    String source =
        """
        record Point(int x) {
          Point {
            check(x);
          }

          static final int[] PLACES = {1, 2};

          int twice() { return 2 * x; }

          @Rule({"a", "{"})
          void visit(Point record) throws Failure {
            new Visitor() {
              public void seen(char c) {
                if (c == '{') {
                  call(() -> {
                    close();
                  });
                }
              }
            };
          }
        }
        """;
    List<String> found =
        Methods.of(source).stream()
            .map(method -> method.header().lines().toList().getLast().strip())
            .toList();
    assertEquals(
        List.of(
            "Point",
            "int twice()",
            "public void seen(char c)",
            "void visit(Point record) throws Failure"),
        found);
    assertEquals(
        List.of(3, 1, 7, 11), Methods.of(source).stream().map(Methods.Method::lines).toList());
  }

  @Test
  void bracesInCommentsAndLiteralsDoNotCount() {
    String source =
        """
        class Quoted {
          /* { */
          String text() {
            // }
            return "\\"{" + '"' + "}";
          }
        }
        """;
    assertEquals(4, Methods.of(source).getFirst().lines());
  }

  @Test
  void findsDeadLinks(@TempDir Path folder) throws IOException {
    Path page = folder.resolve("page.md");
    Files.writeString(
        page,
        """
        # A page, with `code`
        [itself](#a-page-with-code) [elsewhere](https://example.org/x) `[no](link)`
        [gone](gone.md) [no heading](other.md#three) [heading](other.md#two--three)
        ```
        [not](a-link.md)
        ```
        """);
    Files.writeString(folder.resolve("other.md"), "# One\n## Two & three\n");
    assertEquals(List.of("gone.md", "other.md#three"), MarkdownLinks.dead(page));
  }

  @Test
  void seesNoBuildOutput() {
    assertFalse(Checkout.files().stream().anyMatch(file -> file.toString().contains("/target/")));
  }
}
