// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

/// A frame for many sessions, encoded once; in two forms where not every client understands the
/// better one. Immutable.
interface SharedFrame {
  /// The frame for one kind of client. Not to be modified.
  ///
  /// @param patchMulti whether the client understands PATCH_MULTI
  byte[] frame(boolean patchMulti);

  /// The number of the action it has.
  int action(boolean patchMulti);

  /// Whether both kinds of client get the same bytes.
  boolean isUniform();
}
