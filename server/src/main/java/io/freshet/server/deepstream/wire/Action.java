// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

/// What a message says, by its number within its topic (protocol reference, section 3.3). Numbers
/// from [#FIRST_ERROR] on say that something was refused or went wrong.
public sealed interface Action permits RecordAction, EventAction, RpcAction, PresenceAction {
  int FIRST_ERROR = 100;

  Topic topic();

  int number();

  /// As the protocol calls it.
  String name();
}
