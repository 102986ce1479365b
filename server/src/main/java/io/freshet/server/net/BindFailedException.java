// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

/// The address could not be bound. The message says what to do about it.
public final class BindFailedException extends RuntimeException {
  BindFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
