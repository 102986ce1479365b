// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.error;

/// Everything Freshet may answer instead of doing what was asked. The documentation comment of a
/// constant is the user's text. Numbers are never reused: 1xxx input, 2xxx state, 3xxx store, 4xxx
/// identity, 5xxx connection.
///
/// `status` is the HTTP status and the `status` of the Sync contract's error object.
public enum ErrorCode {
  /// The text is not valid JSON. Send RFC 8259 JSON in UTF-8 without duplicate keys.
  INVALID_JSON(1001, 400, Retry.NEVER),
  /// An argument has the wrong type or is out of range. The message names it.
  INVALID_ARGUMENT(1002, 400, Retry.NEVER),
  /// The path cannot be read. In a record, put array places in brackets: `a.b[2].c`. In a document,
  /// separate all by dots (`\.` is a dot in a key) or send a JSON pointer: `a.b.2.c`, `/a/b/2/c`.
  INVALID_PATH(1003, 400, Retry.NEVER),
  /// The name of the record, collection or document is not allowed. The message says why.
  INVALID_NAME(1004, 400, Retry.NEVER),
  /// The key `__proto__` (in paths of records also `constructor` and `prototype`) is not allowed.
  FORBIDDEN_KEY(1005, 400, Retry.NEVER),
  /// A number has more than 34 significant digits or an exponent outside -308 to 308. As the result
  /// of an operation the status is 422.
  NUMBER_OUT_OF_RANGE(1006, 400, Retry.NEVER),
  /// The JSON is nested deeper than the limit.
  TOO_DEEP(1007, 400, Retry.NEVER),
  /// The document would exceed the limit on its size or on its number of members.
  DOCUMENT_TOO_LARGE(1008, 413, Retry.NEVER),
  /// The write does not fit the value that is there. The message names the place.
  TYPE_MISMATCH(1009, 422, Retry.NEVER),
  /// The pattern is not a regular expression.
  INVALID_PATTERN(1010, 400, Retry.NEVER),
  /// Nothing is served at this path.
  UNKNOWN_ROUTE(1011, 404, Retry.NEVER),
  /// The path does not take this HTTP method. The `Allow` header names those it takes.
  METHOD_NOT_ALLOWED(1012, 405, Retry.NEVER),
  /// The body is not of the type this path takes. Send `Content-Type: application/json`.
  UNSUPPORTED_MEDIA_TYPE(1013, 415, Retry.NEVER),
  /// The path speaks WebSocket. Connect to it with a WebSocket client.
  UPGRADE_REQUIRED(1014, 426, Retry.NEVER),
  /// The HTTP request (status 431: its first line and headers) is larger than this path takes.
  PAYLOAD_TOO_LARGE(1015, 413, Retry.NEVER),
  /// There is no such operator. The message names it; to store an object whose keys start with `$`
  /// use `$set`.
  UNKNOWN_OPERATOR(1016, 400, Retry.NEVER),
  /// Two paths of one map of mutations overlap. Send a list of operations instead: it has an order.
  PATH_CONFLICT(1017, 400, Retry.NEVER),
  /// One write has more operations than the limit, or goes through large arrays too often. Send
  /// several writes.
  TOO_MANY_OPS(1018, 400, Retry.NEVER),
  /// The operation needs something at this path, and nothing is there.
  PATH_NOT_FOUND(1019, 422, Retry.NEVER),
  /// The filter cannot be read, or compares what can never be equal. The message names the place.
  INVALID_FILTER(1020, 400, Retry.NEVER),

  /// There is no such document.
  NOT_FOUND(2001, 404, Retry.NEVER),
  /// The document is at another revision than the write expects. Read it and decide again.
  REVISION_CONFLICT(2002, 409, Retry.AFTER_RESYNC),
  /// The version is ahead of the document: a write in between is missing. Read and write again.
  INVALID_VERSION(2003, 409, Retry.AFTER_RESYNC),
  /// The document to be created exists. Write to it, or choose another id.
  ALREADY_EXISTS(2004, 409, Retry.AFTER_RESYNC),
  /// A `test` of the write did not hold. Nothing was changed.
  TEST_FAILED(2005, 409, Retry.AFTER_RESYNC),
  /// The document is at another revision than `If-Match` names. Read it and decide again.
  PRECONDITION_FAILED(2006, 412, Retry.AFTER_RESYNC),
  /// Changes after this place are no longer held. Read the current state and begin anew.
  CURSOR_EXPIRED(2007, 410, Retry.AFTER_RESYNC),
  /// The log began anew, or never had this place. Read the current state and begin anew.
  SOURCE_GAP(2008, 410, Retry.AFTER_RESYNC),
  /// A stream of this name has a client, and there can be only one. Stop it, or use another name.
  NAME_IN_USE(2009, 409, Retry.NOW),
  /// There is no collection, or stream, of this name.
  UNKNOWN_COLLECTION(2010, 404, Retry.NEVER),

  /// The store cannot keep this write (disk full, I/O error). It was not acknowledged; try later.
  UNAVAILABLE(3001, 503, Retry.NOW),
  /// The data directory is in use by another process, or not readable or writable.
  STORE_NOT_USABLE(3002, 503, Retry.NEVER),
  /// Data on disk does not have the form it was written in. Restore a backup.
  STORE_CORRUPT(3003, 503, Retry.NEVER),
  /// The collection asks for a durability this store does not offer.
  DURABILITY_NOT_SUPPORTED(3004, 400, Retry.NEVER),
  /// The answer did not come in time; whether the write was done is not known. Send it again with
  /// the same idempotency key.
  NOT_DURABLE(3005, 503, Retry.NOW),

  /// You may not do this.
  FORBIDDEN(4001, 403, Retry.NEVER),
  /// The permission rule could not be evaluated.
  PERMISSION_ERROR(4002, 403, Retry.NEVER),
  /// The credentials are missing or wrong.
  UNAUTHENTICATED(4003, 401, Retry.NEVER),
  /// The login has ended. Log in anew.
  TOKEN_EXPIRED(4004, 401, Retry.NEVER),
  /// Streams are turned off here. Set `streams.enabled` in the configuration.
  STREAMS_DISABLED(4005, 403, Retry.NEVER),
  /// The collection is a table of a database: write to the table, the change arrives here.
  READ_ONLY(4006, 403, Retry.NEVER),

  /// A bound of this connection is reached (subscriptions, listeners, message size).
  LIMIT_REACHED(5001, 429, Retry.NEVER),
  /// The server is over its bound of queued work. Slow down and try again.
  OVERLOADED(5002, 503, Retry.NOW),
  /// The server is stopping.
  SHUTTING_DOWN(5003, 503, Retry.NOW),
  /// The server failed in a way it should not have. Its log says more; please report it.
  INTERNAL(5004, 500, Retry.NEVER),
  /// Too many writes in too short a time. The details say after how many milliseconds to go on.
  RATE_LIMITED(5005, 429, Retry.NOW);

  /// When it makes sense to send the same thing again.
  public enum Retry {
    NOW,
    AFTER_RESYNC,
    NEVER
  }

  private final int number;
  private final int status;
  private final Retry retry;

  ErrorCode(int number, int status, Retry retry) {
    this.number = number;
    this.status = status;
    this.retry = retry;
  }

  public int number() {
    return number;
  }

  public int status() {
    return status;
  }

  public Retry retry() {
    return retry;
  }

  /// What kind of refusal it is, for programs that know no codes: `conflict`.
  public String family() {
    return familyOf(status);
  }

  /// As [#family], of an answer whose status is not the code's usual one.
  public static String familyOf(int status) {
    return switch (status) {
      case 401 -> "unauthenticated";
      case 403 -> "forbidden";
      case 404 -> "not_found";
      case 405 -> "method_not_allowed";
      case 409 -> "conflict";
      case 410 -> "gone";
      case 412 -> "precondition_failed";
      case 413 -> "too_large";
      case 415 -> "unsupported_media_type";
      case 422 -> "unprocessable";
      case 426 -> "upgrade_required";
      case 429 -> "too_many";
      case 503 -> "unavailable";
      default -> status < 500 ? "bad_request" : "internal";
    };
  }
}
