// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

/// What happens to an operation when as many as may already wait for an answer, or for a
/// connection.
public enum WhenFull {
  /// It fails at once with `OVERLOADED`.
  FAIL,
  /// The calling thread waits for room, at most as long as the operation itself may take: for
  /// threads, virtual ones above all, that write in bulk.
  WAIT
}
