// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.feed;

import io.freshet.protocol.json.JsonValue;
import org.jspecify.annotations.Nullable;

/// A call offered to a provider, which answers with [io.freshet.engine.command.Command.CallAnswer].
///
/// @param correlationId as the caller gave it; unique among the provider's open calls
/// @param requestorName who calls, if providers are told
/// @param requestorData the caller's client data, if providers are told
public record CallOffer(
    String name,
    String correlationId,
    @Nullable JsonValue data,
    @Nullable String requestorName,
    @Nullable JsonValue requestorData) {}
