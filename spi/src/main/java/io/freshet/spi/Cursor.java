// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

import io.freshet.protocol.EventId;
import org.jspecify.annotations.Nullable;

/// The saved place of a named stream.
///
/// @param name of the stream; one per store, across collections
/// @param collection that it was last leased for
/// @param place everything up to here is done with, in the log of this id; null while it was never
///   placed
/// @param movedAtMs when it was last moved, milliseconds since 1970; 0 for never
public record Cursor(String name, String collection, @Nullable EventId place, long movedAtMs) {}
