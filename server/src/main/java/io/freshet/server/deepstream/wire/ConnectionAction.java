// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

/// Numbers of the actions of topic CONNECTION (protocol reference, section 3.3) that are used.
public final class ConnectionAction {
  public static final int PING = 2;
  public static final int PONG = 3;
  public static final int ACCEPT = 4;
  public static final int CHALLENGE = 5;
  public static final int AUTHENTICATION_TIMEOUT = 100;
  public static final int INVALID_MESSAGE = 101;

  private ConnectionAction() {}
}
