// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.stream;

import io.freshet.protocol.EventId;

/// Where a stream begins whose place is not kept yet.
public sealed interface Start {
  /// Behind what is published at that moment.
  enum Latest implements Start {
    LATEST
  }

  /// With the oldest change that is held.
  enum Earliest implements Start {
    EARLIEST
  }

  /// Behind this change.
  record After(EventId id) implements Start {}
}
