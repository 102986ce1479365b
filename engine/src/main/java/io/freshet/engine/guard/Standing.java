// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.guard;

import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import org.jspecify.annotations.Nullable;

/// Something open that the guard allowed once: it is asked about again when the rules change. On
/// the engine's thread.
public interface Standing {
  Principal principal();

  Face face();

  GuardAction action();

  /// What it is about, now; null if it is over.
  @Nullable Subject subject();

  /// A document that has to be loaded before this is asked about; null for none.
  default @Nullable DocumentKey wanted() {
    return null;
  }

  /// It goes on.
  ///
  /// @param each whether each document has to be asked about
  default void allowed(boolean each) {}

  /// It is to end now. Not called when it is over.
  void refused(ErrorCode code, String message);
}
