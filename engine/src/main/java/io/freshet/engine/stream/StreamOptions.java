// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.stream;

import java.time.Duration;

/// Bounds on streams.
///
/// @param enabled whether there are any
/// @param perCollectionMax most streams open on one collection
/// @param signWithin how long the client of a name may take to show that it is there when another
///   one wants it
public record StreamOptions(boolean enabled, int perCollectionMax, Duration signWithin) {
  public static final StreamOptions DEFAULT = new StreamOptions(true, 1000, Duration.ofSeconds(1));
}
