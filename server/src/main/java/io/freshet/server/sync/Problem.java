// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.Document;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Why something was not done, as every transport tells it (Sync contract, section 3).
///
/// @param message what is wrong and what to do
/// @param retryAfterMs how long to wait before trying again; 0 if nothing is known
record Problem(ErrorCode code, int status, String message, Details details, long retryAfterMs) {
  /// The thousand of the error numbers that is about input.
  private static final int INPUT_ERRORS = 1;

  private static final String CONFLICT = "conflict";
  private static final int CONFLICT_STATUS = 409;
  private static final int UNPROCESSABLE = 422;

  /// What it concerns. Nothing of it is told of a document the user may not read.
  ///
  /// @param service empty for none
  /// @param id empty for none
  /// @param document as it is; null if that plays no part
  /// @param withCurrent whether the whole document is to be told
  record Details(
      String service,
      String id,
      @Nullable Long expectedRevision,
      @Nullable Document document,
      boolean isDeleted,
      boolean withCurrent) {
    static final Details NONE = new Details("", "", null, null, false, false);
  }

  /// Clients look for the word in the message of every 409.
  Problem {
    if (status == CONFLICT_STATUS && !message.contains(CONFLICT)) {
      message = CONFLICT + ": " + message;
    }
  }

  Problem(ErrorCode code, String message, Details details) {
    this(code, code.status(), message, details, 0);
  }

  static Problem of(ErrorCode code, String message) {
    return new Problem(code, message, Details.NONE);
  }

  /// Whether the client has made a mistake that no state of the server excuses.
  boolean isFault() {
    return code.number() / 1000 == INPUT_ERRORS;
  }

  Problem retryAfter(Duration wait) {
    return new Problem(code, status, message, details, wait.toMillis());
  }

  /// As what came of an operation on a document. What is wrong with a number there is no fault of
  /// how the request was written.
  Problem ofResult() {
    return code == ErrorCode.NUMBER_OUT_OF_RANGE
        ? new Problem(code, UNPROCESSABLE, message, details, retryAfterMs)
        : this;
  }

  static Problem of(FreshetException why) {
    return of(why.code(), String.valueOf(why.getMessage()));
  }

  /// Its members, without the braces.
  void writeMembers(JsonOutput out, @Nullable String requestId) {
    out.raw("\"error\":\"").raw(ErrorCode.familyOf(status)).raw("\",\"code\":\"").raw(code.name());
    out.raw("\",\"status\":").number(status).raw(",\"message\":").string(message);
    writeDetails(out);
    if (retryAfterMs > 0) {
      out.raw(",\"retryAfterMs\":").number(retryAfterMs);
    }
    if (requestId != null) {
      out.raw(",\"requestId\":").string(requestId);
    }
  }

  private void writeDetails(JsonOutput out) {
    if (details.service.isEmpty()) {
      return;
    }
    out.raw(",\"details\":{\"service\":").string(details.service);
    if (!details.id.isEmpty()) {
      out.raw(",\"id\":").string(details.id);
    }
    if (details.expectedRevision != null) {
      out.raw(",\"expectedRevision\":").number(details.expectedRevision);
    }
    Document document = details.document;
    if (document != null) {
      out.raw(details.isDeleted ? ",\"deleted\":true,\"revision\":" : ",\"currentRevision\":");
      out.number(document.revision());
      if (details.withCurrent) {
        DocumentText.write(out.raw(",\"current\":"), document, details.isDeleted);
      }
    }
    out.raw("}");
  }
}
