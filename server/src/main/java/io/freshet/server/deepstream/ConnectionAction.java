// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

/// Numbers of the actions of topic CONNECTION (protocol reference, section 3.3) that are used.
final class ConnectionAction {
  static final int PING = 2;
  static final int PONG = 3;
  static final int ACCEPT = 4;
  static final int CHALLENGE = 5;
  static final int AUTHENTICATION_TIMEOUT = 100;
  static final int INVALID_MESSAGE = 101;

  private ConnectionAction() {}
}
