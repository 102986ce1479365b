// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.stream;

import org.jspecify.annotations.Nullable;

/// What stream is wanted.
///
/// @param collection whose changes it brings
/// @param name under which its place is kept; null for a stream whose place is not
/// @param start where it begins if no place is kept
public record StreamTerms(String collection, @Nullable String name, Start start) {}
