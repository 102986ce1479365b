// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.stream;

import org.jspecify.annotations.Nullable;

/// An open stream.
///
/// @param number unlike any other since the server started
/// @param name null for one without
/// @param lease token of the lease of its cursor; 0 for one without a name
public record StreamTicket(long number, String collection, @Nullable String name, long lease) {}
