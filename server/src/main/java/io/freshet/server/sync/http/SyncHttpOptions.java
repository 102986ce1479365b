// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync.http;

import io.freshet.server.sync.SyncLimits;
import java.time.Duration;

/// Bounds of the documents face over HTTP.
///
/// @param requestTimeout from when on an answer is not waited for
public record SyncHttpOptions(SyncLimits limits, Duration requestTimeout) {
  public SyncHttpOptions {
    if (requestTimeout.isNegative() || requestTimeout.isZero()) {
      throw new IllegalArgumentException("requestTimeout out of bounds");
    }
  }
}
