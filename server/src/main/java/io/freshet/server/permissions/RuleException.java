// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

/// A path or rule that cannot be used. The message begins in the middle of a sentence, behind what
/// it is about: "may not be empty".
final class RuleException extends RuntimeException {
  RuleException(String message) {
    super(message);
  }
}
