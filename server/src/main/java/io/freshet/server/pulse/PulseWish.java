// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import io.freshet.protocol.filter.Model;
import io.freshet.protocol.filter.StreamFilter;
import org.jspecify.annotations.Nullable;

/// What a client wants to be sent.
///
/// @param kind which of the two calls it was
/// @param model the client's, with its field's types
/// @param collection whose changes
/// @param filter which of them
/// @param name under which its place is kept; null if it is not
record PulseWish(
    PulseKind kind, Model model, String collection, StreamFilter filter, @Nullable String name) {}
