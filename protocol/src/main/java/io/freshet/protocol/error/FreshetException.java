// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.error;

/// A refusal that has to travel as an exception: input that cannot be read, or a store that cannot
/// work. Expected outcomes of a command (a stale revision, say) are values instead.
///
/// The message is for the user: it says what is wrong and what to do. It never carries a secret.
public final class FreshetException extends RuntimeException {
  private final ErrorCode code;
  private final int status;

  public FreshetException(ErrorCode code, String message) {
    this(code, code.status(), message);
  }

  /// With another HTTP status than the code's own.
  public FreshetException(ErrorCode code, int status, String message) {
    super(message);
    this.code = code;
    this.status = status;
  }

  public FreshetException(ErrorCode code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.status = code.status();
  }

  public ErrorCode code() {
    return code;
  }

  /// The HTTP status, and the `status` of the Sync contract's error object.
  public int status() {
    return status;
  }

  /// A refusal of input is a normal answer, often thrown by the thousand by a hostile client: its
  /// stack says nothing, so only store failures (which have a cause) record one.
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
