// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.http;

import java.util.concurrent.atomic.LongAdder;

/// Logins over HTTP, counted since the last look. Any thread.
public final class HttpLogins {
  private final LongAdder allowed = new LongAdder();
  private final LongAdder declined = new LongAdder();

  void count(boolean success) {
    (success ? allowed : declined).increment();
  }

  /// Since the last call.
  public long takeAllowed() {
    return allowed.sumThenReset();
  }

  /// Since the last call.
  public long takeDeclined() {
    return declined.sumThenReset();
  }
}
