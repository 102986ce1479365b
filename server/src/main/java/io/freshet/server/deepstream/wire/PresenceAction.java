// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

import org.jspecify.annotations.Nullable;

/// The actions of topic PRESENCE (protocol reference, section 3.3) that are used on the client
/// wire.
public enum PresenceAction implements Action {
  QUERY_ALL(2),
  QUERY_ALL_RESPONSE(3),
  QUERY(4),
  QUERY_RESPONSE(5),
  PRESENCE_JOIN(6),
  PRESENCE_JOIN_ALL(7),
  PRESENCE_LEAVE(8),
  PRESENCE_LEAVE_ALL(9),
  SUBSCRIBE(10),
  UNSUBSCRIBE(11),
  SUBSCRIBE_ALL(12),
  UNSUBSCRIBE_ALL(13),
  /// The original has it and does not use it. Here it says that the names asked for are no names.
  INVALID_PRESENCE_USERS(100),
  MESSAGE_PERMISSION_ERROR(101),
  MESSAGE_DENIED(102),
  MULTIPLE_SUBSCRIPTIONS(103),
  NOT_SUBSCRIBED(104);

  private static final @Nullable PresenceAction[] BY_NUMBER = byNumber();

  private final int number;

  PresenceAction(int number) {
    this.number = number;
  }

  @Override
  public Topic topic() {
    return Topic.PRESENCE;
  }

  @Override
  public int number() {
    return number;
  }

  /// Null for numbers that mean nothing, or nothing on the client wire.
  public static @Nullable PresenceAction of(int number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
  }

  private static @Nullable PresenceAction[] byNumber() {
    var table = new @Nullable PresenceAction[NOT_SUBSCRIBED.number + 1];
    for (PresenceAction action : values()) {
      table[action.number] = action;
    }
    return table;
  }
}
