// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.http;

/// A request that is refused as a whole.
final class BadRequestException extends RuntimeException {
  private final int status;

  /// @param message the text of the answer
  BadRequestException(int status, String message) {
    super(message);
    this.status = status;
  }

  BadRequestException(String message) {
    this(400, message);
  }

  int status() {
    return status;
  }

  /// The text of the answer.
  String text() {
    return String.valueOf(getMessage());
  }

  /// A normal answer to input; its stack says nothing.
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
