// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.command;

import io.freshet.protocol.json.JsonValue;
import org.jspecify.annotations.Nullable;

/// What a provider says to a call.
public sealed interface ProviderAnswer {
  /// I am at it. Neither required nor a promise.
  enum Accept implements ProviderAnswer {
    ACCEPT
  }

  /// Not me; ask somebody else.
  enum Reject implements ProviderAnswer {
    REJECT
  }

  /// The answer.
  ///
  /// @param data null for none
  record Respond(@Nullable JsonValue data) implements ProviderAnswer {}

  /// It went wrong.
  ///
  /// @param data what the caller is told; null for nothing
  record Fail(@Nullable JsonValue data) implements ProviderAnswer {}
}
