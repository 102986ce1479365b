// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.http;

/// What a message asks for, under the name and number that deepstream gives it (protocol reference,
/// section 3.3).
///
/// @param topic as answers name it
/// @param denied the number of that topic's MESSAGE_DENIED
/// @param permissionError the number of its MESSAGE_PERMISSION_ERROR
/// @param invalid the number of its INVALID_MESSAGE_DATA, or what comes nearest
/// @param failed the number of what says that it went wrong
/// @param doing for people
record ApiAction(
    String topic,
    String name,
    int number,
    int denied,
    int permissionError,
    int invalid,
    int failed,
    String doing) {
  static final int VERSION_EXISTS = 102;
  static final int RECORD_NOT_FOUND = 107;
  static final int INVALID_VERSION = 108;
  static final int REQUEST_ERROR = 7;
  static final int NO_RPC_PROVIDER = 100;
  static final int ACCEPT_TIMEOUT = 101;
  static final int RESPONSE_TIMEOUT = 104;

  static final ApiAction READ = ofRecord("READ", 3, 103, "Record read failed.");
  static final ApiAction HEAD = ofRecord("HEAD", 5, 103, "Record head failed.");
  static final ApiAction DELETE = ofRecord("DELETE", 9, 106, "Record delete failed.");
  static final ApiAction NOTIFY = ofRecord("NOTIFY", 2, 113, "Record notify failed.");
  static final ApiAction MAKE =
      new ApiAction("rpc", "REQUEST", 2, 107, 106, 108, NO_RPC_PROVIDER, "RPC failed.");

  static ApiAction ofWrite(boolean path, boolean exists) {
    String doing = "Record update failed.";
    if (exists) {
      return path ? ofRecord("PATCH", 19, 105, doing) : ofRecord("UPDATE", 18, 105, doing);
    }
    return path
        ? ofRecord("CREATEANDPATCH", 17, 105, doing)
        : ofRecord("CREATEANDUPDATE", 16, 105, doing);
  }

  static ApiAction ofQuery(boolean names) {
    return new ApiAction(
        "presence",
        names ? "QUERY" : "QUERY_ALL",
        names ? 4 : 2,
        102,
        101,
        100,
        101,
        "Presence query failed.");
  }

  private static ApiAction ofRecord(String name, int number, int failed, String doing) {
    return new ApiAction("record", name, number, 115, 114, 116, failed, doing);
  }
}
