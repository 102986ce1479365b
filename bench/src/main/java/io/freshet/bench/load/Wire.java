// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

/// Numbers of the deepstream wire protocol, as far as the driver speaks it.
final class Wire {
  private Wire() {}

  static final int TOPIC_CONNECTION = 2;
  static final int TOPIC_AUTH = 3;
  static final int TOPIC_EVENT = 4;
  static final int TOPIC_RECORD = 5;
  static final int TOPIC_RPC = 6;

  static final int CONNECTION_PING = 2;
  static final int CONNECTION_PONG = 3;
  static final int CONNECTION_ACCEPT = 4;
  static final int CONNECTION_CHALLENGE = 5;

  static final int AUTH_REQUEST = 2;
  static final int AUTH_SUCCESSFUL = 3;

  static final int EVENT_EMIT = 2;
  static final int EVENT_SUBSCRIBE = 3;

  static final int RPC_REQUEST = 2;
  static final int RPC_ACCEPT = 4;
  static final int RPC_RESPONSE = 5;
  static final int RPC_PROVIDE = 8;

  static final int READ = 3;
  static final int READ_RESPONSE = 4;
  static final int WRITE_ACKNOWLEDGEMENT = 14;
  static final int CREATEANDUPDATE = 16;
  static final int CREATEANDPATCH = 17;
  static final int UPDATE = 18;
  static final int PATCH = 19;
  static final int SUBSCRIBECREATEANDREAD = 23;
  static final int PATCH_MULTI = 35;

  /// Fields of the connection message.
  static final int CONNECTION_URL = 5;

  static final int CONNECTION_PROTOCOL_VERSION = 6;
  static final int CONNECTION_SDK_VERSION = 7;
  static final int CONNECTION_SDK_TYPE = 8;

  /// Fields shared by the messages of every topic that the driver reads.
  static final int ACTION = 1;

  static final int DATA = 2;

  /// Fields of the record message; events and calls number these alike.
  static final int CORRELATION_ID = 3;

  static final int IS_ERROR = 4;
  static final int IS_ACK = 5;
  static final int NAME = 6;
  static final int NAMES = 7;
  static final int IS_WRITE_ACK = 11;
  static final int PATH = 12;
  static final int VERSION = 13;

  /// In the call message these two are the other way round.
  static final int RPC_NAMES = 6;

  static final int RPC_NAME = 7;

  static final int OPCODE_TEXT = 1;
  static final int OPCODE_BINARY = 2;
  static final int OPCODE_CLOSE = 8;
  static final int OPCODE_PING = 9;
  static final int OPCODE_PONG = 10;
}
