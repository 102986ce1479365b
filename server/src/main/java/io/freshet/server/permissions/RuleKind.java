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
  ALLOW(Section.PRESENCE, "allow", false, false, 10),
  DOCUMENT_CREATE(Section.SYNC, "create", true, false, 0),
  /// Also of each document in a list, of each event of a topic.
  DOCUMENT_READ(Section.SYNC, "read", true, true, 0),
  DOCUMENT_UPDATE(Section.SYNC, "update", true, true, 0),
  DOCUMENT_DELETE(Section.SYNC, "delete", true, true, 0),
  COLLECTION_LIST(Section.SYNC, "list", false, false, 0),
  COLLECTION_SUBSCRIBE(Section.SYNC, "subscribe", false, false, 0),
  STREAM(Section.STREAM, "stream", false, false, 0),
  STREAM_LIVE(Section.STREAM, "subscribe", false, false, 0),
  STREAM_NAME(Section.STREAM, "name", false, false, 0),
  /// Of each change of a stream.
  STREAM_ROW(Section.STREAM, "row", true, true, 0);

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
    PRESENCE("presence"),
    /// Documents and their topics.
    SYNC("sync"),
    /// Change streams.
    STREAM("stream");

    private final String key;

    Section(String key) {
      this.key = key;
    }

    /// Whether it is one of deepstream's, which every file has.
    boolean isRequired() {
      return this != SYNC && this != STREAM;
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
      // Where a face has no section of its own.
      case LIST, SUBSCRIBE, STREAM, STREAM_LIVE, STREAM_NAME -> READ;
    };
  }

  /// Whether its paths are chosen by the collection alone.
  boolean isOfCollection() {
    return this == COLLECTION_LIST || this == COLLECTION_SUBSCRIBE || section == Section.STREAM;
  }

  /// Whether a rule may look at `name`.
  boolean hasName() {
    return section.isRequired() || this == STREAM_NAME;
  }

  /// Whether a rule may look at `collection`, which is also called `service`.
  boolean hasCollection() {
    return !section.isRequired();
  }

  /// Whether a rule may look at `id`.
  boolean hasId() {
    return section == Section.SYNC && !isOfCollection() || this == STREAM_ROW;
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

  /// What `action` is in a rule: the number of the protocol's action, of several the usual one;
  /// where there is none, the key.
  Object action() {
    return section.isRequired() ? (Object) action : key;
  }
}
