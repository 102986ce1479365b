// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.stream;

import io.freshet.protocol.EventId;
import org.jspecify.annotations.Nullable;

/// What a stream has done since it began.
///
/// @param considered the last change it has looked at; null for none
/// @param delivered events sent
/// @param redelivered those of them that had been sent to this name before
/// @param filtered changes of its collection that were not for it
/// @param dropped events that a slow reader was not sent (only live subscriptions drop any)
/// @param inFlight events sent and not acknowledged
public record StreamFigures(
    @Nullable EventId considered,
    long delivered,
    long redelivered,
    long filtered,
    long dropped,
    int inFlight) {}
