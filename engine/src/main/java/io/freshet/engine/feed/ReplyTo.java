// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.feed;

/// Where the answer to a command goes: called exactly once for every command the engine accepted,
/// on the session's event loop, in feed order.
public interface ReplyTo {
  Session session();

  void reply(Outcome outcome);
}
