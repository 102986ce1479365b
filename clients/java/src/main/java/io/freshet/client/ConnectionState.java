// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

/// How a client stands with its server.
public enum ConnectionState {
  /// For the first time.
  CONNECTING,
  /// The server has said welcome.
  CONNECTED,
  /// The connection failed, and is tried again.
  RECONNECTING,
  /// Nothing is tried any more, until [FreshetClient#connect()].
  DISCONNECTED
}
