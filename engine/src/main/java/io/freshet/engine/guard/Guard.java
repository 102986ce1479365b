// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.guard;

/// Decides whether a principal may do something. Called on the engine's thread: answers at once and
/// does no I/O; what it has to look up it asks for with [GuardAnswer.Needs].
public interface Guard {
  /// Lets everybody do everything: the guard without permissions.
  Guard OPEN = request -> GuardAnswer.Allow.ALLOW;

  GuardAnswer check(GuardRequest request);
}
