// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import java.time.Duration;

/// How long a source waits for what.
///
/// @param firstPause before connecting anew; doubles with each failure in a row
/// @param longestPause before connecting anew
/// @param poll between two looks at the database's own figures
/// @param silence after so long without anything from a database that does not say that it serves
///   the connection, that counts as dead
/// @param idle between two progresses without rows
record Timing(
    Duration firstPause, Duration longestPause, Duration poll, Duration silence, Duration idle) {
  static final Timing DEFAULT =
      new Timing(
          Duration.ofMillis(250),
          Duration.ofSeconds(15),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(1));
}
