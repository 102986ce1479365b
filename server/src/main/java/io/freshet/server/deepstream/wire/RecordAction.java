// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

import org.jspecify.annotations.Nullable;

/// The actions of topic RECORD (protocol reference, section 3.3) that are used on the client wire.
public enum RecordAction implements Action {
  NOTIFY(2),
  READ(3),
  READ_RESPONSE(4),
  HEAD(5),
  HEAD_RESPONSE(6),
  HEAD_BULK(7),
  HEAD_RESPONSE_BULK(8),
  DELETE(9),
  DELETE_SUCCESS(10),
  DELETED(13),
  WRITE_ACKNOWLEDGEMENT(14),
  CREATEANDUPDATE(16),
  CREATEANDPATCH(17),
  UPDATE(18),
  PATCH(19),
  ERASE(20),
  SUBSCRIBEANDHEAD(21),
  SUBSCRIBEANDREAD(22),
  SUBSCRIBECREATEANDREAD(23),
  SUBSCRIBE(25),
  UNSUBSCRIBE(26),
  LISTEN(27),
  UNLISTEN(28),
  LISTEN_ACCEPT(29),
  LISTEN_REJECT(30),
  SUBSCRIPTION_HAS_PROVIDER(31),
  SUBSCRIPTION_HAS_NO_PROVIDER(32),
  SUBSCRIPTION_FOR_PATTERN_FOUND(33),
  SUBSCRIPTION_FOR_PATTERN_REMOVED(34),
  PATCH_MULTI(35),
  VERSION_EXISTS(102),
  RECORD_LOAD_ERROR(103),
  RECORD_UPDATE_ERROR(105),
  RECORD_DELETE_ERROR(106),
  RECORD_NOT_FOUND(107),
  INVALID_VERSION(108),
  INVALID_LISTEN_REGEX(110),
  LISTEN_RESPONSE_TIMEOUT(111),
  RECORD_NOTIFY_ERROR(113),
  MESSAGE_PERMISSION_ERROR(114),
  MESSAGE_DENIED(115),
  INVALID_MESSAGE_DATA(116),
  MULTIPLE_SUBSCRIPTIONS(117),
  NOT_SUBSCRIBED(118);

  private static final int HIGHEST = 118;
  private static final @Nullable RecordAction[] BY_NUMBER = byNumber();

  private final int number;

  RecordAction(int number) {
    this.number = number;
  }

  @Override
  public Topic topic() {
    return Topic.RECORD;
  }

  @Override
  public int number() {
    return number;
  }

  /// Null for numbers that mean nothing, or nothing on the client wire.
  public static @Nullable RecordAction of(int number) {
    return number >= 0 && number <= HIGHEST ? BY_NUMBER[number] : null;
  }

  private static @Nullable RecordAction[] byNumber() {
    var table = new @Nullable RecordAction[HIGHEST + 1];
    for (RecordAction action : values()) {
      table[action.number] = action;
    }
    return table;
  }
}
