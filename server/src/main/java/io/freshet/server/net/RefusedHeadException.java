// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

/// A head that was refused while it came, as the cause a decoder gives.
final class RefusedHeadException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient HttpAnswer answer;

  RefusedHeadException(HttpAnswer answer) {
    super(null, null, false, false);
    this.answer = answer;
  }

  HttpAnswer answer() {
    return answer;
  }
}
