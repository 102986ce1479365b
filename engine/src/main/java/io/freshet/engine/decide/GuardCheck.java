// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.decide;

import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.protocol.Document;

/// The guard with principal, time and loaded documents filled in.
public interface GuardCheck {
  GuardAnswer ask(GuardAction action, Document before, Document after);
}
