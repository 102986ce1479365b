// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync.http;

import io.freshet.server.net.HttpAnswer;
import io.freshet.server.net.HttpCall;
import io.freshet.server.net.HttpRoute;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// The description of the documents face for programs: OpenAPI 3.1, at `/api/openapi.json`.
public final class OpenApiRoute implements HttpRoute {
  private static final String PATH = "/api/openapi.json";
  private static final String RESOURCE = "openapi.json";

  private final CompletionStage<HttpAnswer> page;

  public OpenApiRoute() {
    try (InputStream in = OpenApiRoute.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is not where it was built");
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      this.page = CompletableFuture.completedStage(HttpAnswer.ok("application/json", text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Place place() {
    return Place.ofPage(PATH);
  }

  @Override
  public CompletionStage<HttpAnswer> answer(HttpCall call) {
    return page;
  }
}
