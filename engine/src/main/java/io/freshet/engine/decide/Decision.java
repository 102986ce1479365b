// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.decide;

import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.spi.Write;
import java.util.List;

/// What became of a write command.
public sealed interface Decision {
  /// To be committed.
  record Accepted(Write write) implements Decision {}

  /// Fine, and nothing to do.
  enum Suppressed implements Decision {
    SUPPRESSED
  }

  /// Not to be done.
  record Rejected(ErrorCode code, String message) implements Decision {}

  /// The guard wants these committed documents first.
  record Needs(List<DocumentKey> keys) implements Decision {}
}
