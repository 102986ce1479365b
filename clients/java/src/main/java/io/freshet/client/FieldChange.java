// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import org.jspecify.annotations.Nullable;

/// What one field was and is.
///
/// @param fromOmitted whether the old value was too large to be told; `from` is null then
public record FieldChange(@Nullable Object from, @Nullable Object to, boolean fromOmitted) {}
