// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

/// A frame that is not what the protocol says a frame is. Costs nothing to throw: a hostile client
/// causes them by the million.
final class UndecodableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  UndecodableException(String message) {
    super(message, null, false, false);
  }
}
