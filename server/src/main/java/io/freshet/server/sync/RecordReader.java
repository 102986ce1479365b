// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.command.Condition;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.RecordPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads what clients say about live records. Every method throws `FreshetException` for what
/// cannot be understood.
///
/// Immutable; any thread.
final class RecordReader {
  private static final Set<String> OF_RECORD = Set.of("type", "ref", "op", "name");
  private static final Set<String> OF_WRITE =
      Set.of("requestId", "version", "patch", "data", "upsert");
  private static final Set<String> OF_LISTENING = Set.of("type", "ref", "pattern");
  private static final Set<String> OF_EDIT = Set.of("path", "value");
  private static final int NAMES_MAX = 10_000;

  private final SyncLimits limits;

  RecordReader(SyncLimits limits) {
    this.limits = limits;
  }

  /// @param requestId of the frame; null for none
  RecordAsk read(Arguments frame, @Nullable String requestId) {
    String op = frame.text("op");
    if (op.equals("notify")) {
      frame.allowOnly(Set.of("type", "ref", "op"), Set.of("names"));
      return new RecordAsk.Notify(keys(frame));
    }
    DocumentKey key = DocumentKey.ofRecordName(frame.text("name"));
    return switch (op) {
      case "open" -> {
        frame.allowOnly(OF_RECORD, Set.of("create"));
        yield new RecordAsk.Open(key, frame.flag("create", false));
      }
      case "set", "erase", "patch" -> write(frame, key, op, requestId);
      case "close" -> only(frame, new RecordAsk.Close(key));
      case "delete" -> {
        frame.allowOnly(OF_RECORD, Set.of("requestId"));
        yield new RecordAsk.Delete(key, ClientFrames.idempotencyKey(requestId));
      }
      case "head", "has" -> only(frame, new RecordAsk.Read(key, false));
      case "snapshot" -> only(frame, new RecordAsk.Read(key, true));
      default ->
          throw Arguments.invalid(
              "There is no \"op\" of that name; there are close, delete, erase, has, head, notify,"
                  + " open, patch, set and snapshot");
    };
  }

  private static RecordAsk only(Arguments frame, RecordAsk ask) {
    frame.allowOnly(OF_RECORD, Set.of());
    return ask;
  }

  private static List<DocumentKey> keys(Arguments frame) {
    if (!(frame.value("names") instanceof JsonArray names) || names.size() > NAMES_MAX) {
      throw Arguments.invalid("\"names\" has to be a list of at most " + NAMES_MAX + " names");
    }
    var keys = new ArrayList<DocumentKey>();
    for (JsonValue each : names) {
      if (!(each instanceof JsonString name)) {
        throw Arguments.invalid("\"names\" has to be a list of names");
      }
      keys.add(DocumentKey.ofRecordName(name.value()));
    }
    return keys;
  }

  private RecordAsk write(Arguments frame, DocumentKey key, String op, @Nullable String requestId) {
    frame.allowOnly(OF_RECORD, OF_WRITE);
    String idempotencyKey = ClientFrames.idempotencyKey(requestId);
    Long version = frame.revision("version");
    boolean upsert = frame.flag("upsert", false);
    Condition condition = condition(version, upsert);
    if (!frame.has("patch")) {
      JsonValue data = frame.value("data");
      if (!op.equals("set") || !data.isContainer()) {
        throw Arguments.invalid("\"set\" takes \"data\", an object or a list, or a \"patch\"");
      }
      limits.check(data);
      return new RecordAsk.Write(key, data, null, condition, upsert, idempotencyKey);
    } else if (frame.has("data")) {
      throw Arguments.invalid("Give \"data\" or a \"patch\", not both");
    }
    return new RecordAsk.Write(key, null, operations(frame, op), condition, upsert, idempotencyKey);
  }

  private static Condition condition(@Nullable Long version, boolean upsert) {
    if (version == null) {
      return Condition.Any.ANY;
    }
    // Deepstream's count, which the engine keeps: revisions modulo 2^31.
    int follows = (int) (version & Integer.MAX_VALUE);
    return upsert && version == 1
        ? new Condition.FollowsOrBegins(follows)
        : new Condition.Follows(follows);
  }

  private List<FieldOperation> operations(Arguments frame, String op) {
    if (!(frame.value("patch") instanceof JsonArray edits) || edits.size() == 0) {
      throw Arguments.invalid("\"patch\" has to be a list of {path, value}, at least one");
    } else if (edits.size() > limits.operationsMax()) {
      throw new FreshetException(
          ErrorCode.TOO_MANY_OPS, "A patch may have %d edits".formatted(limits.operationsMax()));
    }
    var operations = new ArrayList<FieldOperation>(edits.size());
    for (JsonValue each : edits) {
      if (!(each instanceof JsonObject edit) || !(edit.get("path") instanceof JsonString path)) {
        throw Arguments.invalid("Every part of a \"patch\" has to be an object with a \"path\"");
      }
      new Arguments(edit).allowOnly(OF_EDIT, Set.of());
      JsonValue value = edit.get("value");
      if (op.equals("erase") == (value != null) && !op.equals("patch")) {
        throw Arguments.invalid("\"set\" takes a \"value\" for each path, \"erase\" takes none");
      }
      RecordPath parsed = RecordPath.parse(path.value());
      operations.add(
          value == null ? new FieldOperation.Erase(parsed) : new FieldOperation.Set(parsed, value));
    }
    return operations;
  }

  static RecordAsk listen(Arguments frame) {
    frame.allowOnly(OF_LISTENING, Set.of());
    return new RecordAsk.Listen(frame.text("pattern"));
  }

  static RecordAsk unlisten(Arguments frame) {
    frame.allowOnly(OF_LISTENING, Set.of());
    return new RecordAsk.Unlisten(frame.text("pattern"));
  }

  static RecordAsk answer(Arguments frame) {
    frame.allowOnly(OF_LISTENING, Set.of("name", "accept"));
    return new RecordAsk.Answer(
        frame.text("pattern"), frame.text("name"), frame.flag("accept", false));
  }
}
