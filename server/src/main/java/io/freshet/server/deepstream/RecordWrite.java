// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.Condition;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.RecordPath;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import io.freshet.server.deepstream.wire.Slice;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A write as a client sent it, understood (protocol reference, sections 7.1 and 7.3).
///
/// @param data as sent; null when the message had none
/// @param operations null when the write replaces the whole record
/// @param create whether a missing record is created
record RecordWrite(
    DocumentKey key,
    @Nullable JsonValue data,
    @Nullable List<FieldOperation> operations,
    Condition condition,
    boolean create) {

  /// The version an offline client gives a record it created.
  private static final int FIRST_VERSION = 1;

  /// @throws FreshetException when it can be refused without knowing the record
  static RecordWrite of(RecordRequest request, DeepstreamOptions options) {
    RecordAction action = request.action();
    RecordMessage message = request.message();
    DocumentKey key = request.keyOf(message.name());
    if (!message.hasVersion()) {
      throw invalid("The write lacks its version");
    }
    boolean creates =
        action == RecordAction.CREATEANDUPDATE || action == RecordAction.CREATEANDPATCH;
    Slice text = action == RecordAction.ERASE ? null : message.data();
    JsonValue data = text == null ? null : text.json(limits(action, options.documentLimits()));
    return new RecordWrite(
        key,
        data,
        operations(action, message.path(), data),
        condition(creates, message.version()),
        creates || message.isWriteAck());
  }

  /// A multi-patch is up to three levels deeper than what it writes; the engine checks the result.
  private static JsonLimits limits(RecordAction action, JsonLimits document) {
    return action == RecordAction.PATCH_MULTI
        ? new JsonLimits(document.bytesMax(), document.depthMax() + 2, document.membersMax())
        : document;
  }

  private static Condition condition(boolean creates, int version) {
    if (version == WriteReply.ANY_VERSION) {
      return Condition.Any.ANY;
    }
    return creates && version == FIRST_VERSION
        ? new Condition.FollowsOrBegins(version)
        : new Condition.Follows(version);
  }

  private static @Nullable List<FieldOperation> operations(
      RecordAction action, @Nullable String path, @Nullable JsonValue data) {
    if (action == RecordAction.PATCH_MULTI) {
      return several(data);
    }
    boolean whole =
        path == null && (action == RecordAction.UPDATE || action == RecordAction.CREATEANDUPDATE);
    if (!whole) {
      return List.of(single(path, data));
    }
    if (data == null || !data.isContainer()) {
      throw invalid("A whole record must be a JSON object or array");
    }
    return null;
  }

  private static FieldOperation single(@Nullable String path, @Nullable JsonValue data) {
    if (path == null) {
      throw invalid("The write lacks its path");
    }
    RecordPath parsed = RecordPath.parse(path);
    return data == null ? new FieldOperation.Erase(parsed) : new FieldOperation.Set(parsed, data);
  }

  private static List<FieldOperation> several(@Nullable JsonValue data) {
    if (!(data instanceof JsonArray edits) || edits.size() == 0) {
      throw invalid("A multi-patch must be a non-empty array of {path, data}");
    }
    var operations = new ArrayList<FieldOperation>(edits.size());
    for (JsonValue edit : edits) {
      if (!(edit instanceof JsonObject fields)
          || !(fields.get("path") instanceof JsonString path)) {
        throw invalid("Every part of a multi-patch must be an object with a path");
      }
      operations.add(single(path.value(), fields.get("data")));
    }
    return operations;
  }

  private static FreshetException invalid(String message) {
    return new FreshetException(ErrorCode.INVALID_ARGUMENT, message);
  }

  Command command(ReplyTo reply) {
    if (operations != null) {
      return new Command.Edit(reply, key, operations, condition, create);
    }
    if (data == null) {
      throw new IllegalStateException("a whole write without data");
    }
    return new Command.Replace(reply, key, data, condition, create);
  }
}
