// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import java.time.Duration;

/// How documents whose time is over are looked for. That they read as deleted does not depend on
/// it; only when watchers are told does.
///
/// @param every pause between two rounds; zero for never
/// @param documentsMax most documents of one round
public record ExpiryOptions(Duration every, int documentsMax) {
  public static final ExpiryOptions DEFAULT = new ExpiryOptions(Duration.ofSeconds(1), 256);

  /// Nobody looks.
  public static final ExpiryOptions NEVER = new ExpiryOptions(Duration.ZERO, 1);
}
