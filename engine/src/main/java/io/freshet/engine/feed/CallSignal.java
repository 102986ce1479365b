// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.feed;

import io.freshet.protocol.json.JsonValue;
import org.jspecify.annotations.Nullable;

/// What a caller is told of its call. Everything but [Accepted] ends it.
public sealed interface CallSignal {
  /// A provider is at it. After a provider was replaced it may come again.
  enum Accepted implements CallSignal {
    ACCEPTED
  }

  /// The answer.
  ///
  /// @param data null for none
  record Responded(@Nullable JsonValue data) implements CallSignal {}

  /// The provider's error.
  ///
  /// @param data null for nothing
  record Failed(@Nullable JsonValue data) implements CallSignal {}

  /// There is no provider, or none that would.
  enum NoProvider implements CallSignal {
    NO_PROVIDER
  }

  /// No provider accepted or answered within the accept time-out.
  enum AcceptTimedOut implements CallSignal {
    ACCEPT_TIMED_OUT
  }

  /// The provider accepted, but no answer came in time, or its connection was lost. Whether it did
  /// the work is unknown.
  enum ResponseTimedOut implements CallSignal {
    RESPONSE_TIMED_OUT
  }
}
