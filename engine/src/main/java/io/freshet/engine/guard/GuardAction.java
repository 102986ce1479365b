// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.guard;

/// What a principal wants to do, and with what.
public enum GuardAction {
  CREATE,
  /// A document; of a whole collection ([Subject.OfName]): to be told of the changes of each.
  READ,
  WRITE,
  DELETE,
  /// All documents of a collection.
  LIST,
  /// The topics of a collection.
  SUBSCRIBE,
  LISTEN,
  NOTIFY,
  EVENT_PUBLISH,
  EVENT_SUBSCRIBE,
  EVENT_LISTEN,
  RPC_PROVIDE,
  RPC_REQUEST,
  PRESENCE,
  /// A stream that misses nothing.
  STREAM,
  /// A stream of what happens from now on.
  STREAM_LIVE,
  /// The name under which a stream's place is kept.
  STREAM_NAME
}
