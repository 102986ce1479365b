// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import io.freshet.server.files.UnusableFileException;

/// A users file, key or option that cannot be used. The message is for whoever configures the
/// server: it names the file and says what would be right. It never carries a secret.
public final class IdentityException extends UnusableFileException {
  IdentityException(String message) {
    super(message);
  }

  IdentityException(String message, Throwable cause) {
    super(message, cause);
  }
}
