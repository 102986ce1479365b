// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import io.freshet.engine.pattern.NamePattern;
import java.util.ArrayList;
import java.util.List;

/// One distinct pattern with everybody who registered it, in order.
final class PatternEntry {
  final NamePattern pattern;
  final List<Listener> listeners = new ArrayList<>(1);

  PatternEntry(NamePattern pattern) {
    this.pattern = pattern;
  }
}
