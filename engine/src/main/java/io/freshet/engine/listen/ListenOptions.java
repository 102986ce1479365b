// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import java.time.Duration;

/// @param responseTimeout how long a listener may take to accept or reject
/// @param rematchInterval how often names without a provider are offered again
/// @param shuffleProviders ask listeners in random order instead of in order of registration
/// @param patternsMax most patterns one session may register
public record ListenOptions(
    Duration responseTimeout, Duration rematchInterval, boolean shuffleProviders, int patternsMax) {
  public static final ListenOptions DEFAULT =
      new ListenOptions(Duration.ofMillis(500), Duration.ofSeconds(30), true, 1000);
}
