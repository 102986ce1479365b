// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.guard;

import io.freshet.protocol.DocumentKey;

/// Decides whether a principal may do something. Called on the engine's thread: answers at once and
/// does no I/O; what it has to look up it asks for with [GuardAnswer.Needs].
public interface Guard {
  /// Lets everybody do everything: the guard without permissions.
  Guard OPEN = request -> GuardAnswer.Allow.ALLOW;

  GuardAnswer check(GuardRequest request);

  /// Whether everybody gets the same answer about reading this document. What is the same need be
  /// asked only once.
  default boolean isSameForAll(Face face, DocumentKey key) {
    return false;
  }

  /// Whether the answer about reading this document may be another one when nothing but the
  /// document changes.
  default boolean looksAtContent(Face face, DocumentKey key) {
    return false;
  }
}
