// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.compare;

/// The comparison cannot go on. The message says what to do.
final class CompareException extends RuntimeException {
  private static final long serialVersionUID = 1;

  CompareException(String message) {
    super(message);
  }

  CompareException(String message, Throwable cause) {
    super(message, cause);
  }
}
