// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import java.util.Optional;

/// What an administrator asks of a running server.
sealed interface AdminAction {
  record Get(String name) implements AdminAction {}

  /// @param json the data; empty for what standard input holds
  record Put(String name, Optional<String> json) implements AdminAction {}

  record Delete(String name) implements AdminAction {}

  record ReloadPermissions() implements AdminAction {}

  record ReloadTls() implements AdminAction {}

  record Connections() implements AdminAction {}

  record KickUser(String user) implements AdminAction {}

  record KickConnection(String id) implements AdminAction {}

  record Streams() implements AdminAction {}

  record ShowStream(String name) implements AdminAction {}

  /// @param to `latest`, `earliest` or the id of an event
  record ResetStream(String name, String to) implements AdminAction {}

  record DeleteStream(String name) implements AdminAction {}
}
