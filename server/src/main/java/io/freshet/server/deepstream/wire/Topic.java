// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

import org.jspecify.annotations.Nullable;

/// What a message is about (protocol reference, section 3.2); only topics clients use.
public enum Topic {
  PARSER(1),
  CONNECTION(2),
  AUTH(3),
  EVENT(4),
  RECORD(5),
  RPC(6),
  PRESENCE(7);

  private final int number;

  Topic(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }

  public static @Nullable Topic of(int number) {
    return switch (number) {
      case 1 -> PARSER;
      case 2 -> CONNECTION;
      case 3 -> AUTH;
      case 4 -> EVENT;
      case 5 -> RECORD;
      case 6 -> RPC;
      case 7 -> PRESENCE;
      default -> null;
    };
  }
}
