// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.testkit.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The page of errors says what the code says.
class ErrorsPageTest {
  private static final Path ROOT = Checkout.root();

  @Test
  void isCurrent() throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Process check =
        new ProcessBuilder(java.toString(), "tools/Errors.java", "check", ".")
            .directory(ROOT.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(check.getInputStream().readAllBytes());
    assertEquals(0, check.waitFor(), said);
  }

  @Test
  void namesEveryError() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/reference/errors.md"));
    var missing = new ArrayList<ErrorCode>();
    for (ErrorCode code : ErrorCode.values()) {
      String row = "| %d | `%s` | %d |".formatted(code.number(), code, code.status());
      if (!page.contains(row)) {
        missing.add(code);
      }
    }
    assertEquals(List.of(), missing);
    assertTrue(ErrorCode.values().length > 20);
  }
}
