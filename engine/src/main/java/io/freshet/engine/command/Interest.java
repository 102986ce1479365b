// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.command;

import org.jspecify.annotations.Nullable;

/// Whose changes are wanted.
///
/// @param collection null for all collections
public record Interest(@Nullable String collection) {
  public static final Interest ALL = new Interest(null);
}
