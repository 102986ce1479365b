// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import java.time.Duration;

/// How much is done at a time.
///
/// @param turnSteps most matcher steps in one turn of the engine's thread, at about 10 ns each
/// @param pause between two such turns. Without it one client with many patterns and names keeps
///   the thread running all the time, and on a busy processor everybody who waits for it, or for
///   the processor, waits for whole time slices of the operating system
/// @param questionsMax most names one session is asked about at a time; further ones wait for its
///   answers, so that a pattern that matches a million names does not flood its listener
record Pace(long turnSteps, Duration pause, int questionsMax) {
  static final Pace DEFAULT = new Pace(1 << 16, Duration.ofMillis(1), 1000);
}
