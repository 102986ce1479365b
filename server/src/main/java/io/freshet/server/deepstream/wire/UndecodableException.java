// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

/// A frame that is not what the protocol says a frame is. Costs nothing to throw: a hostile client
/// causes them by the million.
public final class UndecodableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public UndecodableException(String message) {
    super(message, null, false, false);
  }
}
