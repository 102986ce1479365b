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
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Single documents and collections over HTTP: everything below `/api/sync` (Sync contract, section
/// 2).
public final class DocumentsRoute implements HttpRoute {
  private static final String PATH = "/api/sync";

  private final SyncHttpOptions options;
  private final SyncCalls calls;
  private final CallReader reader;

  public DocumentsRoute(
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
    return new Place(PATH, true, Target.METHODS, options.limits().request(0).bytesMax());
  }

  @Override
  public @Nullable HttpAnswer refusal(HttpCall head) {
    Target target = Target.of(head.segments());
    if (target == null) {
      return refused(ErrorCode.UNKNOWN_ROUTE, "not found: nothing is served at this path");
    }
    SyncOperation operation = target.operation(head.method());
    if (operation == null) {
      return refused(
              ErrorCode.METHOD_NOT_ALLOWED,
              "this path does not take this method; the Allow header names those it takes")
          .with("Allow", target.allowed());
    }
    return CallReader.takesBody(operation, head) ? null : unsupported(operation);
  }

  private HttpAnswer unsupported(SyncOperation operation) {
    return refused(
        ErrorCode.UNSUPPORTED_MEDIA_TYPE,
        operation == SyncOperation.PATCH
            ? "Send Content-Type: application/merge-patch+json or application/json-patch+json"
            : "Send Content-Type: application/json");
  }

  private HttpAnswer refused(ErrorCode code, String message) {
    return calls.refusal(SyncAnswer.refused(code, message));
  }

  @Override
  public CompletionStage<HttpAnswer> answer(HttpCall call) {
    Target target = Target.of(call.segments());
    SyncOperation operation = target == null ? null : target.operation(call.method());
    if (target == null || operation == null) {
      throw new IllegalStateException("refused before");
    }
    return calls.answer(call, () -> reader.read(target, operation, call));
  }
}
