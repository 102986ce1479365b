// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

/// A value that cannot be taken; the message says what would be right, and starts in the middle of
/// a sentence: "must be …".
final class InvalidValueException extends RuntimeException {
  InvalidValueException(String message) {
    super(message);
  }
}
