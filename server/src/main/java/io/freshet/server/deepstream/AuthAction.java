// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

/// Numbers of the actions of topic AUTH (protocol reference, section 3.3) that are used.
final class AuthAction {
  static final int REQUEST = 2;
  static final int AUTH_SUCCESSFUL = 3;
  static final int AUTH_UNSUCCESSFUL = 4;
  static final int TOO_MANY_AUTH_ATTEMPTS = 100;
  static final int INVALID_MESSAGE = 101;
  static final int INVALID_MESSAGE_DATA = 102;

  private AuthAction() {}
}
