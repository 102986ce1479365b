// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

import org.jspecify.annotations.Nullable;

/// The actions of topic EVENT (protocol reference, section 3.3) that are used on the client wire.
public enum EventAction implements Action {
  EMIT(2),
  SUBSCRIBE(3),
  UNSUBSCRIBE(4),
  LISTEN(5),
  UNLISTEN(6),
  LISTEN_ACCEPT(7),
  LISTEN_REJECT(8),
  SUBSCRIPTION_FOR_PATTERN_FOUND(11),
  SUBSCRIPTION_FOR_PATTERN_REMOVED(12),
  INVALID_LISTEN_REGEX(100),
  LISTEN_RESPONSE_TIMEOUT(101),
  MESSAGE_PERMISSION_ERROR(103),
  MESSAGE_DENIED(104),
  INVALID_MESSAGE_DATA(105),
  MULTIPLE_SUBSCRIPTIONS(106),
  NOT_SUBSCRIBED(107);

  private static final @Nullable EventAction[] BY_NUMBER = byNumber();

  private final int number;

  EventAction(int number) {
    this.number = number;
  }

  @Override
  public Topic topic() {
    return Topic.EVENT;
  }

  @Override
  public int number() {
    return number;
  }

  /// Null for numbers that mean nothing, or nothing on the client wire.
  public static @Nullable EventAction of(int number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
  }

  private static @Nullable EventAction[] byNumber() {
    var table = new @Nullable EventAction[NOT_SUBSCRIBED.number + 1];
    for (EventAction action : values()) {
      table[action.number] = action;
    }
    return table;
  }
}
