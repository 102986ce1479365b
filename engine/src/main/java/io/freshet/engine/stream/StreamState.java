// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.stream;

import io.freshet.protocol.EventId;
import org.jspecify.annotations.Nullable;

/// A stream as administrators see it: one that is open, or whose place is kept.
///
/// @param name null for one without
/// @param place everything up to here is done with; null for none
/// @param movedAtMs when the place was last moved, milliseconds since 1970; 0 for never
/// @param lagEvents changes of its log behind the place, those of other collections included
/// @param lagBytes roughly what they take on disk
/// @param lagMs time between the change at the place and the log's newest one
/// @param client which one has it; null for none
/// @param figures of the open stream; null for none
public record StreamState(
    @Nullable String name,
    String collection,
    @Nullable EventId place,
    long movedAtMs,
    long lagEvents,
    long lagBytes,
    long lagMs,
    @Nullable String client,
    @Nullable StreamFigures figures) {}
