// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.guard;

/// What a principal wants to do, and with what.
public enum GuardAction {
  CREATE,
  READ,
  WRITE,
  DELETE,
  LISTEN,
  NOTIFY,
  EVENT_PUBLISH,
  EVENT_SUBSCRIBE,
  EVENT_LISTEN,
  RPC_PROVIDE,
  RPC_REQUEST,
  PRESENCE
}
