// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.guard;

import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import org.jspecify.annotations.Nullable;

/// An authenticated user.
///
/// @param id as the authenticator gave it
/// @param serverData for permission rules; never sent to a client
/// @param clientData what the user's client was told at login; null for nothing. Providers of
///   procedures may be shown it
public record Principal(String id, JsonObject serverData, @Nullable JsonValue clientData) {
  /// Whoever has the admin token: may do everything. Nobody who logs in becomes it, whatever his
  /// id.
  public static final Principal OPERATOR = new Principal("admin", JsonObject.empty(), null);

  // A user may have the same id and no data.
  @SuppressWarnings("ReferenceEquality")
  public boolean isOperator() {
    return this == OPERATOR;
  }
}
