// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.server.session.Ending;

/// Why a WebSocket of this face is closed (Sync contract, section 6).
enum Farewell {
  UNAUTHENTICATED(4001, "log in"),
  FORBIDDEN(4003, "ended by an administrator"),
  SLOW_CONSUMER(4008, "reads too slowly"),
  RULES(1012, "the permission rules have changed; reconnect"),
  LOGIN_ENDED(4009, "the login has ended"),
  RATE(4029, "too many logins; try later"),
  TOO_MANY(4029, "this user has too many connections");

  private final int code;
  private final String reason;

  Farewell(int code, String reason) {
    this.code = code;
    this.reason = reason;
  }

  int code() {
    return code;
  }

  String reason() {
    return reason;
  }

  static Farewell of(Ending ending) {
    return switch (ending) {
      case LOGIN_OVER -> LOGIN_ENDED;
      case LOGIN_REVOKED -> UNAUTHENTICATED;
      case ADMINISTRATOR -> FORBIDDEN;
    };
  }
}
