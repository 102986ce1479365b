// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The guide to the metrics names what a running server shows, and nothing else.
class MetricsPageE2E {
  private static final Pattern SHOWN = Pattern.compile("^# TYPE (freshet_\\w+)", Pattern.MULTILINE);
  private static final Pattern EXPLAINED = Pattern.compile("`(freshet_\\w+)");

  @TempDir private Path folder;

  @Test
  void everyMetricIsExplained() throws Exception {
    // Those on logins are there only when somebody is asked who a client is.
    Files.writeString(folder.resolve("freshet.yml"), "auth: [ { type: open } ]\n");
    Set<String> shown;
    try (RunningServer server = RunningServer.start(folder);
        HttpClient http = HttpClient.newHttpClient()) {
      var page = HttpRequest.newBuilder(URI.create("http://" + server.address() + "/metrics"));
      shown = names(SHOWN, http.send(page.build(), BodyHandlers.ofString()).body());
    }
    assertTrue(shown.size() > 10, "only " + shown);
    Path guide = Checkout.root().resolve("docs/guides/observing.md");
    assertEquals(shown, names(EXPLAINED, Files.readString(guide)));
  }

  private static Set<String> names(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map((MatchResult found) -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
