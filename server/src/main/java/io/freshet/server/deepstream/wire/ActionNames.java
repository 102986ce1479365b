// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

import org.jspecify.annotations.Nullable;

/// What the protocol calls its actions (protocol reference, section 3.3).
public final class ActionNames {
  private static final String UNKNOWN = "UNKNOWN";

  private ActionNames() {}

  /// `UNKNOWN` for a number that means nothing, or nothing on the client wire.
  public static String of(Topic topic, int number) {
    return switch (topic) {
      case EVENT -> name(EventAction.of(number));
      case RECORD -> name(RecordAction.of(number));
      case RPC -> name(RpcAction.of(number));
      case PRESENCE -> name(PresenceAction.of(number));
      case PARSER -> number == FixedFrame.UNKNOWN_TOPIC.action() ? "UNKNOWN_TOPIC" : UNKNOWN;
      case CONNECTION -> connection(number);
      case AUTH -> auth(number);
    };
  }

  private static String name(@Nullable Action action) {
    return action == null ? UNKNOWN : action.name();
  }

  private static String connection(int number) {
    return switch (number) {
      case ConnectionAction.PING -> "PING";
      case ConnectionAction.PONG -> "PONG";
      case ConnectionAction.ACCEPT -> "ACCEPT";
      case ConnectionAction.CHALLENGE -> "CHALLENGE";
      case ConnectionAction.AUTHENTICATION_TIMEOUT -> "AUTHENTICATION_TIMEOUT";
      case ConnectionAction.INVALID_MESSAGE -> "INVALID_MESSAGE";
      default -> UNKNOWN;
    };
  }

  private static String auth(int number) {
    return switch (number) {
      case AuthAction.REQUEST -> "REQUEST";
      case AuthAction.AUTH_SUCCESSFUL -> "AUTH_SUCCESSFUL";
      case AuthAction.AUTH_UNSUCCESSFUL -> "AUTH_UNSUCCESSFUL";
      case AuthAction.TOO_MANY_AUTH_ATTEMPTS -> "TOO_MANY_AUTH_ATTEMPTS";
      case AuthAction.INVALID_MESSAGE -> "INVALID_MESSAGE";
      case AuthAction.INVALID_MESSAGE_DATA -> "INVALID_MESSAGE_DATA";
      default -> UNKNOWN;
    };
  }
}
