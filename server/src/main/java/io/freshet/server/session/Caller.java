// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.session;

import io.freshet.engine.feed.CallSignal;
import io.freshet.engine.feed.Session;

/// A session of the [Desk]: one HTTP request, without a connection of its own.
public interface Caller extends Session {
  /// What became of a call of this session. On the desk's thread, behind the answer to the call.
  void onCall(String correlationId, CallSignal signal);
}
