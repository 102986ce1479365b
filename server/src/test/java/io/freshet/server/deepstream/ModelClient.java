// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.PathEdit;
import io.freshet.protocol.path.RecordPath;
import io.freshet.server.deepstream.wire.DecodedFrames;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import io.freshet.server.deepstream.wire.Slice;

/// One open record as the official client keeps it: a state, and frames applied to it. Fails when a
/// version is missing or comes twice.
final class ModelClient {
  JsonValue data = JsonObject.empty();
  int version = -1;
  boolean open;

  /// @param message of topic RECORD about this record
  void take(RecordMessage message) {
    RecordAction action = RecordAction.of(message.actionNumber());
    switch (action) {
      case READ_RESPONSE -> {
        data = payload(message);
        version = message.version();
        open = true;
      }
      case UPDATE -> apply(message, payload(message));
      case PATCH -> apply(message, patched(data, message.path(), message.data()));
      case PATCH_MULTI -> apply(message, severalPatched(data, payload(message)));
      case DELETED, DELETE_SUCCESS -> open = false;
      case null, default -> {}
    }
  }

  private void apply(RecordMessage message, JsonValue next) {
    if (message.version() != version + 1) {
      throw new AssertionError("at " + version + ", then came " + DecodedFrames.describe(message));
    }
    version = message.version();
    data = next;
  }

  private static JsonValue payload(RecordMessage message) {
    return message.data().json(JsonLimits.DEFAULT);
  }

  private static JsonValue patched(JsonValue root, String path, Slice value) {
    return edited(root, path, value == null ? null : value.json(JsonLimits.DEFAULT));
  }

  private static JsonValue edited(JsonValue root, String path, JsonValue value) {
    if (root instanceof JsonArray) {
      throw new AssertionError("a patch of an open list corrupts the official client");
    }
    RecordPath parsed = RecordPath.parse(path);
    return PathEdit.apply(
        root,
        value == null ? new FieldOperation.Erase(parsed) : new FieldOperation.Set(parsed, value));
  }

  private static JsonValue severalPatched(JsonValue root, JsonValue edits) {
    JsonValue result = root;
    for (JsonValue edit : (JsonArray) edits) {
      var fields = (JsonObject) edit;
      String path = ((JsonString) fields.get("path")).value();
      result = edited(result, path, fields.get("data"));
    }
    return result;
  }

  @Override
  public String toString() {
    return version + " " + Json.text(data);
  }
}
