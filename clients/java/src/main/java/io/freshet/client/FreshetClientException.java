// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// What went wrong, in the same form whether the server or this client says it.
///
/// Every error of status 409 has the word `conflict` in its message, and no other has. Two codes
/// are about a write whose answer did not come: `UNAVAILABLE` (it was never sent) and `NOT_DURABLE`
/// (it was sent; nobody knows whether it was done. Sending it again with the same request id within
/// ten minutes does it once).
public class FreshetClientException extends RuntimeException {
  private static final Set<String> PASSING =
      Set.of("RATE_LIMITED", "OVERLOADED", "UNAVAILABLE", "SHUTTING_DOWN");

  private final int status;
  private final String code;
  private final transient Map<String, Object> details;
  private final @Nullable String requestId;

  private FreshetClientException(Said said, @Nullable Throwable cause) {
    super(
        said.status == 409 && !said.message.contains("conflict")
            ? "conflict: " + said.message
            : said.message,
        cause);
    this.status = said.status;
    this.code = said.code;
    this.details = said.details;
    this.requestId = said.requestId;
  }

  /// An error as the server writes it.
  record Said(
      int status,
      String code,
      String message,
      Map<String, Object> details,
      @Nullable String requestId) {}

  /// Somebody else was first: `REVISION_CONFLICT`, `ALREADY_EXISTS`, `TEST_FAILED`,
  /// `VERSION_CONFLICT` and others of status 409 and 412.
  public static final class Conflict extends FreshetClientException {
    private Conflict(Said said, @Nullable Throwable cause) {
      super(said, cause);
    }
  }

  /// There is no such thing, or not any more: status 404 and 410.
  public static final class NotFound extends FreshetClientException {
    private NotFound(Said said, @Nullable Throwable cause) {
      super(said, cause);
    }
  }

  /// Who this is may not do that, or is not known: status 401 and 403.
  public static final class Denied extends FreshetClientException {
    private Denied(Said said, @Nullable Throwable cause) {
      super(said, cause);
    }
  }

  /// What was asked for makes no sense to the server: status 400, 413 and 422.
  public static final class Invalid extends FreshetClientException {
    private Invalid(Said said, @Nullable Throwable cause) {
      super(said, cause);
    }
  }

  /// Not now: no connection, too much to do, or an answer that did not come: status 429 and 5xx.
  public static final class Unavailable extends FreshetClientException {
    private Unavailable(Said said, @Nullable Throwable cause) {
      super(said, cause);
    }
  }

  static FreshetClientException of(Said said) {
    return of(said, null);
  }

  static FreshetClientException of(Said said, @Nullable Throwable cause) {
    int status = said.status;
    if (status == 409 || status == 412) {
      return new Conflict(said, cause);
    } else if (status == 404 || status == 410) {
      return new NotFound(said, cause);
    } else if (status == 401 || status == 403) {
      return new Denied(said, cause);
    } else if (status == 429 || status >= 500) {
      return new Unavailable(said, cause);
    }
    return new Invalid(said, cause);
  }

  static FreshetClientException of(int status, String code, String message) {
    return of(new Said(status, code, message, Map.of(), null));
  }

  static FreshetClientException invalid(String message) {
    return of(400, "INVALID_ARGUMENT", message);
  }

  static FreshetClientException invalid(String message, Throwable cause) {
    return of(new Said(400, "INVALID_ARGUMENT", message, Map.of(), null), cause);
  }

  static FreshetClientException unavailable(String message) {
    return of(503, "UNAVAILABLE", message);
  }

  static FreshetClientException unavailable(String message, @Nullable String requestId) {
    return of(new Said(503, "UNAVAILABLE", message, Map.of(), requestId));
  }

  static FreshetClientException notDurable(String message, @Nullable String requestId) {
    return of(new Said(503, "NOT_DURABLE", message, Map.of(), requestId));
  }

  /// The reason behind what a waiting call throws: itself if it is one of these.
  static FreshetClientException causeOf(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof FreshetClientException known) {
      return known;
    }
    String text = cause.getMessage();
    return of(
        new Said(500, "INTERNAL", text == null ? cause.toString() : text, Map.of(), null), cause);
  }

  /// The HTTP status that says the same.
  public final int status() {
    return status;
  }

  /// What went wrong, as a name: see the server's error reference. New servers may have new ones.
  public final String code() {
    return code;
  }

  /// Whether the code is one of these.
  public final boolean is(String... codes) {
    for (String each : codes) {
      if (code.equals(each)) {
        return true;
      }
    }
    return false;
  }

  /// Particulars, by code: `service`, `id`, `expectedRevision`, `currentRevision`, `current`,
  /// `retryAfterMs` and others.
  public final Map<String, Object> details() {
    return details == null ? Map.of() : details;
  }

  /// Of the operation that failed, if it was one: for doing it again.
  public final @Nullable String requestId() {
    return requestId;
  }

  /// Whether the same may succeed later, without anything being changed.
  public final boolean isPassing() {
    return PASSING.contains(code);
  }
}
