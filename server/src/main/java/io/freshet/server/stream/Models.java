// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.stream;

import io.freshet.protocol.filter.Model;
import org.jspecify.annotations.Nullable;

/// What is known of the types of collections' members.
///
/// Threading: any thread, and does not block.
@FunctionalInterface
public interface Models {
  /// @return null for a collection whose documents may have anything anywhere
  @Nullable Model of(String collection);
}
