// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

/// What a WebSocket message carries. The opcode is the one of the message's first frame.
public enum MessageKind {
  TEXT(0x1),
  BINARY(0x2);

  private final int opcode;

  MessageKind(int opcode) {
    this.opcode = opcode;
  }

  int opcode() {
    return opcode;
  }
}
