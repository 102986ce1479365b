// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

import io.freshet.protocol.Change;
import io.freshet.protocol.LogId;
import java.util.List;

/// Receives a log's changes as they are committed, own and foreign, each exactly once, in offset
/// order without a gap. Called by one thread at a time; must return quickly and must not throw.
public interface ChangeListener {
  /// @param changes consecutive offsets; at least one
  void onChanges(LogId log, List<Change> changes);
}
