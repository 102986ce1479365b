// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync.http;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.net.HttpAnswer;
import io.freshet.server.net.HttpCall;
import io.freshet.server.net.HttpRoute;
import io.freshet.server.session.Desk;
import io.freshet.server.session.HttpLogins;
import io.freshet.server.sync.Answering;
import io.freshet.server.sync.SyncAnswer;
import io.freshet.server.sync.SyncOperation;
import io.freshet.server.sync.SyncReader;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Several documents at once over HTTP, all or none: `POST /api/sync/batch` (Sync contract, section
/// 2.8).
public final class BatchRoute implements HttpRoute {
  private static final String PATH = "/api/sync/batch";

  private final SyncHttpOptions options;
  private final SyncCalls calls;
  private final CallReader reader;

  public BatchRoute(
      SyncHttpOptions options,
      Desk desk,
      HttpLogins logins,
      Answering answering,
      SyncReader reader) {
    this.options = options;
    this.calls = new SyncCalls(options, desk, logins, answering);
    this.reader = new CallReader(options.limits(), reader);
  }

  @Override
  public Place place() {
    return new Place(PATH, false, Set.of("POST"), options.limits().batch(0).bytesMax());
  }

  @Override
  public @Nullable HttpAnswer refusal(HttpCall head) {
    return CallReader.takesBody(SyncOperation.BATCH, head)
        ? null
        : calls.refusal(
            SyncAnswer.refused(
                ErrorCode.UNSUPPORTED_MEDIA_TYPE, "Send Content-Type: application/json"));
  }

  @Override
  public CompletionStage<HttpAnswer> answer(HttpCall call) {
    return calls.answer(call, () -> reader.batch(call));
  }
}
