// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import io.freshet.engine.guard.GuardAction;
import java.util.Arrays;
import java.util.List;

/// The kinds of rules a permissions file may hold.
enum RuleKind {
  CREATE(Section.RECORD, "create", false, false, 15),
  READ(Section.RECORD, "read", false, true, 3),
  WRITE(Section.RECORD, "write", true, true, 18),
  /// `data` is what is left where a member is erased; null where the whole record is deleted.
  DELETE(Section.RECORD, "delete", true, true, 9),
  LISTEN(Section.RECORD, "listen", false, false, 27),
  NOTIFY(Section.RECORD, "notify", false, false, 2),
  PUBLISH(Section.EVENT, "publish", true, false, 2),
  /// `data` may be named here, and is undefined.
  SUBSCRIBE(Section.EVENT, "subscribe", true, false, 3),
  EVENT_LISTEN(Section.EVENT, "listen", false, false, 5),
  PROVIDE(Section.RPC, "provide", false, false, 8),
  REQUEST(Section.RPC, "request", true, false, 2),
  ALLOW(Section.PRESENCE, "allow", false, false, 10);

  private final Section section;
  private final String key;
  private final boolean data;
  private final boolean oldData;
  private final int action;

  /// The file's sections.
  enum Section {
    RECORD("record"),
    EVENT("event"),
    RPC("rpc"),
    PRESENCE("presence");

    private final String key;

    Section(String key) {
      this.key = key;
    }

    /// As the file has it.
    String key() {
      return key;
    }

    List<RuleKind> kinds() {
      return Arrays.stream(RuleKind.values()).filter(kind -> kind.section == this).toList();
    }
  }

  RuleKind(Section section, String key, boolean data, boolean oldData, int action) {
    this.section = section;
    this.key = key;
    this.data = data;
    this.oldData = oldData;
    this.action = action;
  }

  static RuleKind of(GuardAction action) {
    return switch (action) {
      case CREATE -> CREATE;
      case READ -> READ;
      case WRITE -> WRITE;
      case DELETE -> DELETE;
      case LISTEN -> LISTEN;
      case NOTIFY -> NOTIFY;
      case EVENT_PUBLISH -> PUBLISH;
      case EVENT_SUBSCRIBE -> SUBSCRIBE;
      case EVENT_LISTEN -> EVENT_LISTEN;
      case RPC_PROVIDE -> PROVIDE;
      case RPC_REQUEST -> REQUEST;
      case PRESENCE -> ALLOW;
    };
  }

  Section section() {
    return section;
  }

  /// As the file has it.
  String key() {
    return key;
  }

  /// Whether a rule may look at `data`.
  boolean hasData() {
    return data;
  }

  /// Whether a rule may look at `oldData`.
  boolean hasOldData() {
    return oldData;
  }

  /// What `action` is in a rule: the number of the protocol's action, of several the usual one.
  int action() {
    return action;
  }
}
