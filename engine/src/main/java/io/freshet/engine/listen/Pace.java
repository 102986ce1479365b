// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

/// How much is done at a time.
///
/// @param turnSteps most matcher steps in one turn of the engine's thread, at about 10 ns each
/// @param questionsMax most names one session is asked about at a time; further ones wait for its
///   answers, so that a pattern that matches a million names does not flood its listener
record Pace(long turnSteps, int questionsMax) {
  static final Pace DEFAULT = new Pace(1 << 16, 1000);
}
