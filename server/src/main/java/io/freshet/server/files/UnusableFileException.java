// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.files;

/// A file that cannot be used. The message is for whoever configures the server: it names the file
/// and says what would be right. It never carries a secret.
public class UnusableFileException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public UnusableFileException(String message) {
    super(message);
  }

  public UnusableFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
