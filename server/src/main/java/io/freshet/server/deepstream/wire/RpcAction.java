// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

import org.jspecify.annotations.Nullable;

/// The actions of topic RPC (protocol reference, section 3.3) that are used on the client wire.
public enum RpcAction implements Action {
  REQUEST(2),
  ACCEPT(4),
  RESPONSE(5),
  REJECT(6),
  REQUEST_ERROR(7),
  PROVIDE(8),
  UNPROVIDE(9),
  NO_RPC_PROVIDER(100),
  ACCEPT_TIMEOUT(101),
  MULTIPLE_ACCEPT(102),
  INVALID_RPC_CORRELATION_ID(103),
  RESPONSE_TIMEOUT(104),
  MESSAGE_PERMISSION_ERROR(106),
  MESSAGE_DENIED(107),
  INVALID_MESSAGE_DATA(108),
  MULTIPLE_PROVIDERS(109),
  NOT_PROVIDED(110);

  private static final @Nullable RpcAction[] BY_NUMBER = byNumber();

  private final int number;

  RpcAction(int number) {
    this.number = number;
  }

  @Override
  public Topic topic() {
    return Topic.RPC;
  }

  @Override
  public int number() {
    return number;
  }

  /// Null for numbers that mean nothing, or nothing on the client wire.
  public static @Nullable RpcAction of(int number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
  }

  private static @Nullable RpcAction[] byNumber() {
    var table = new @Nullable RpcAction[NOT_PROVIDED.number + 1];
    for (RpcAction action : values()) {
      table[action.number] = action;
    }
    return table;
  }
}
