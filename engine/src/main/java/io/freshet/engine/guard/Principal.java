// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.guard;

import io.freshet.protocol.json.JsonObject;

/// An authenticated user.
///
/// @param id as the authenticator gave it
/// @param serverData for permission rules; never sent to a client
public record Principal(String id, JsonObject serverData) {}
