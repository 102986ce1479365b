// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.decide;

import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.Subject;
import io.freshet.protocol.Document;

/// The guard with principal, time and loaded documents filled in.
public interface GuardCheck {
  GuardAnswer ask(GuardAction action, Subject subject);

  /// Asks about a document.
  default GuardAnswer ask(GuardAction action, Document before, Document after) {
    return ask(action, new Subject.OfDocument(before, after));
  }
}
