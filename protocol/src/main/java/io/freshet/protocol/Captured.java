// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol;

import io.freshet.protocol.json.JsonObject;
import org.jspecify.annotations.Nullable;

/// What a source says of a change besides the states before and after: what streams show of a row
/// of a foreign table depends on what its database tells, not on what is held here.
///
/// @param former what streams show as the row before (all of it, or its key); null: nothing is told
/// @param hidden whether streams are not told of the change: a row that goes on under another id,
///   or one that was truncated away
/// @param partial whether the state after lacks columns that the source did not tell, so that
///   nothing can be said of them
public record Captured(@Nullable JsonObject former, boolean hidden, boolean partial) {}
