// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.session;

/// Why the server ends a connection that is logged in.
public enum Ending {
  /// The login's time is over.
  LOGIN_OVER,
  /// The login was taken back.
  LOGIN_REVOKED,
  /// Somebody who administrates the server wants it.
  ADMINISTRATOR
}
