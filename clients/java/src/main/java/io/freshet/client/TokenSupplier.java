// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import org.jspecify.annotations.Nullable;

/// Fetches a token: before every connection, and shortly before the one it gave last ends, which is
/// known from [Token#expiresAt] or from the server. It must go on naming the same user.
///
/// Threading: called on a virtual thread, one call at a time; it may block.
@FunctionalInterface
public interface TokenSupplier {
  /// @return null for none: the server may be open
  /// @throws Exception if there is none to be had now; it is tried again later
  @Nullable Token get() throws Exception;
}
