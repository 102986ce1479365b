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
public record Principal(String id, JsonObject serverData, @Nullable JsonValue clientData) {}
