// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.guard;

import io.freshet.protocol.DocumentKey;
import java.util.List;

/// What the guard says.
public sealed interface GuardAnswer {
  /// Go on.
  enum Allow implements GuardAnswer {
    ALLOW,
    /// Of a whole collection: go on, but ask about each document before it is shown.
    EACH
  }

  /// No.
  enum Deny implements GuardAnswer {
    DENY
  }

  /// The rule could not be evaluated; treated as no.
  record Failed(String reason) implements GuardAnswer {}

  /// Ask again with these committed documents at hand; at most three rounds.
  record Needs(List<DocumentKey> keys) implements GuardAnswer {
    public Needs {
      keys = List.copyOf(keys);
    }
  }
}
