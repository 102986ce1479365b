// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.command;

import io.freshet.engine.guard.Face;
import org.jspecify.annotations.Nullable;

/// Whose changes are wanted.
///
/// @param collection null for all collections
/// @param face by whose rules documents are shown
public record Interest(@Nullable String collection, Face face) {
  public static final Interest ALL = new Interest(null);

  /// Of topics.
  public Interest(@Nullable String collection) {
    this(collection, Face.DOCUMENTS);
  }
}
