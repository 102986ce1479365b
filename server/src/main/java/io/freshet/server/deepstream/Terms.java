// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.deepstream.wire.Action;
import io.freshet.server.deepstream.wire.EventAction;
import io.freshet.server.deepstream.wire.PresenceAction;
import io.freshet.server.deepstream.wire.RpcAction;

/// What topics EVENT, RPC and PRESENCE say alike, each with actions of its own.
///
/// @param denied it is not allowed, or a bound is reached
/// @param failed whether it is allowed could not be found out
/// @param invalid the message cannot be understood
/// @param already the name was subscribed to, or provided, before
/// @param absent the name was not
record Terms(Action denied, Action failed, Action invalid, Action already, Action absent) {
  static final Terms EVENT =
      new Terms(
          EventAction.MESSAGE_DENIED,
          EventAction.MESSAGE_PERMISSION_ERROR,
          EventAction.INVALID_MESSAGE_DATA,
          EventAction.MULTIPLE_SUBSCRIPTIONS,
          EventAction.NOT_SUBSCRIBED);

  static final Terms RPC =
      new Terms(
          RpcAction.MESSAGE_DENIED,
          RpcAction.MESSAGE_PERMISSION_ERROR,
          RpcAction.INVALID_MESSAGE_DATA,
          RpcAction.MULTIPLE_PROVIDERS,
          RpcAction.NOT_PROVIDED);

  static final Terms PRESENCE =
      new Terms(
          PresenceAction.MESSAGE_DENIED,
          PresenceAction.MESSAGE_PERMISSION_ERROR,
          PresenceAction.INVALID_PRESENCE_USERS,
          PresenceAction.MULTIPLE_SUBSCRIPTIONS,
          PresenceAction.NOT_SUBSCRIBED);

  /// The answer to a whole message.
  Action refusal(ErrorCode code) {
    return Refusals.kind(code) == DeepstreamMeter.Refusal.INVALID ? invalid : denial(code);
  }

  /// The answer to one name, and to what the official client waits for: it passes no other error on
  /// to its user.
  Action denial(ErrorCode code) {
    return code == ErrorCode.PERMISSION_ERROR ? failed : denied;
  }
}
