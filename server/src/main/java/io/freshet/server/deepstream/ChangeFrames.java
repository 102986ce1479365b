// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.PathEdit;
import io.freshet.protocol.path.PathToken;
import io.freshet.protocol.path.RecordPath;
import io.freshet.server.deepstream.wire.FrameWriter;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One committed change as the frames its watchers are sent, encoded once for everybody (design,
/// section 4). A frame never asks a client to do what the official client would do differently: a
/// patch is only sent where its path reads back as the same path, and never to an array at the
/// root.
final class ChangeFrames implements SharedFrame {
  private static final byte[] NOTHING = new byte[0];

  private final byte[] plain;
  private final byte[] multi;
  private final RecordAction plainAction;
  private final boolean uniform;
  private final boolean removes;

  private ChangeFrames(byte[] plain, RecordAction plainAction, byte[] multi) {
    this.plain = plain;
    this.plainAction = plainAction;
    this.multi = multi;
    this.uniform = false;
    this.removes = false;
  }

  private ChangeFrames(byte[] frame, RecordAction action, boolean removes) {
    this.plain = frame;
    this.plainAction = action;
    this.multi = frame;
    this.uniform = true;
    this.removes = removes;
  }

  /// Empty when the change is not shown.
  @Override
  public byte[] frame(boolean patchMulti) {
    return patchMulti ? multi : plain;
  }

  @Override
  public int action(boolean patchMulti) {
    RecordAction action = patchMulti && !uniform ? RecordAction.PATCH_MULTI : plainAction;
    return action.number();
  }

  @Override
  public boolean isUniform() {
    return uniform;
  }

  boolean isShown() {
    return plain.length > 0;
  }

  /// Whether nobody watches the record after this change.
  boolean removes() {
    return removes;
  }

  /// Deepstream's int32 version of a revision.
  static int version(long revision) {
    return (int) (revision & Integer.MAX_VALUE);
  }

  static ChangeFrames of(Change change, FrameWriter out) {
    return switch (change.operation()) {
      case OPEN, RESTORE -> new ChangeFrames(NOTHING, RecordAction.UPDATE, false);
      case DELETE, EXPIRE -> removed(change, out);
      case CREATE, REPLACE, MERGE, MUTATE, SNAPSHOT -> written(change, out);
    };
  }

  private static ChangeFrames removed(Change change, FrameWriter out) {
    RecordMessage.of(RecordAction.DELETED).name(change.key().recordName()).writeTo(out);
    return new ChangeFrames(out.toArray(), RecordAction.DELETED, true);
  }

  private static ChangeFrames written(Change change, FrameWriter out) {
    List<FieldOperation> operations = change.operations();
    if (operations == null || !isPatchable(change)) {
      return same(update(change.after()), out);
    }
    if (operations.isEmpty()) {
      return same(untouched(change), out);
    }
    if (operations.size() == 1) {
      FieldOperation operation = operations.getFirst();
      return same(
          isSafe(change.before().data(), operation)
              ? single(change, operation)
              : commonAncestor(change, operations),
          out);
    }
    RecordMessage plain = commonAncestor(change, operations);
    if (!areSafe(change.before().data(), operations)) {
      return same(plain, out);
    }
    plain.writeTo(out);
    byte[] forPlain = out.toArray();
    several(change, operations).writeTo(out);
    return new ChangeFrames(forPlain, action(plain), out.toArray());
  }

  /// Whether a client that applies the edit to this state gets what the server got.
  private static boolean isSafe(JsonValue state, FieldOperation operation) {
    RecordPath path = operation.path();
    return path.isAddressable()
        && PatchReach.of(state, path.tokens(), operation instanceof FieldOperation.Erase)
            == path.tokens().size();
  }

  private static boolean areSafe(JsonValue before, List<FieldOperation> operations) {
    JsonValue state = before;
    for (FieldOperation operation : operations) {
      if (!isSafe(state, operation)) {
        return false;
      }
      state = PathEdit.apply(state, operation);
    }
    return true;
  }

  /// Whether every watcher has an object that edits can be applied to.
  private static boolean isPatchable(Change change) {
    return change.before().isRecord()
        && change.before().data() instanceof JsonObject
        && change.after().data() instanceof JsonObject;
  }

  private static ChangeFrames same(RecordMessage message, FrameWriter out) {
    message.writeTo(out);
    return new ChangeFrames(out.toArray(), action(message), false);
  }

  private static RecordAction action(RecordMessage message) {
    return message.actionNumber() == RecordAction.UPDATE.number()
        ? RecordAction.UPDATE
        : RecordAction.PATCH;
  }

  /// The whole state.
  static RecordMessage update(Document document) {
    return message(RecordAction.UPDATE, document).data(document.data());
  }

  private static RecordMessage message(RecordAction action, Document document) {
    return RecordMessage.of(action)
        .name(document.key().recordName())
        .version(version(document.revision()));
  }

  private static RecordMessage single(Change change, FieldOperation operation) {
    RecordMessage patch =
        message(RecordAction.PATCH, change.after()).path(operation.path().render());
    return switch (operation) {
      case FieldOperation.Set(RecordPath _, JsonValue value) -> patch.data(value);
      case FieldOperation.Erase _ -> patch;
    };
  }

  private static RecordMessage several(Change change, List<FieldOperation> operations) {
    var edits = new ArrayList<JsonValue>(operations.size());
    for (FieldOperation operation : operations) {
      JsonObject edit = JsonObject.of("path", JsonString.of(operation.path().render()));
      edits.add(
          switch (operation) {
            case FieldOperation.Set(RecordPath _, JsonValue value) -> edit.with("data", value);
            case FieldOperation.Erase _ -> edit;
          });
    }
    return message(RecordAction.PATCH_MULTI, change.after()).data(JsonArray.of(edits));
  }

  /// One patch at the deepest place that holds all the edits, has a notation and means the same to
  /// the client.
  private static RecordMessage commonAncestor(Change change, List<FieldOperation> operations) {
    List<PathToken> common = operations.getFirst().path().tokens();
    boolean whole = operations.size() == 1;
    for (FieldOperation operation : operations) {
      common = common.subList(0, sharedLength(common, operation.path().tokens()));
    }
    boolean erases = whole && operations.getFirst() instanceof FieldOperation.Erase;
    JsonValue before = change.before().data();
    int reach = PatchReach.of(before, common, erases);
    RecordPath place = deepestAddressable(common.subList(0, reach));
    while (place != null) {
      RecordMessage patch = message(RecordAction.PATCH, change.after()).path(place.render());
      JsonValue value = PathEdit.find(change.after().data(), place);
      if (value != null) {
        return patch.data(value);
      }
      int size = place.tokens().size();
      if (PatchReach.of(before, place.tokens(), true) == size) {
        return patch;
      }
      place = deepestAddressable(place.tokens().subList(0, size - 1));
    }
    return update(change.after());
  }

  private static int sharedLength(List<PathToken> one, List<PathToken> other) {
    int length = Math.min(one.size(), other.size());
    for (int i = 0; i < length; i++) {
      if (!one.get(i).equals(other.get(i))) {
        return i;
      }
    }
    return length;
  }

  private static @Nullable RecordPath deepestAddressable(List<PathToken> tokens) {
    for (int length = tokens.size(); length > 0; length--) {
      var path = new RecordPath(tokens.subList(0, length));
      if (path.isAddressable()) {
        return path;
      }
    }
    return null;
  }

  /// A change that only moved the version: the smallest member is sent as it is.
  private static RecordMessage untouched(Change change) {
    var smallest = new Smallest();
    if (change.after().data() instanceof JsonObject root) {
      root.forEach(smallest::consider);
    }
    RecordPath path = smallest.path;
    JsonValue value = smallest.value;
    return path == null || value == null
        ? update(change.after())
        : message(RecordAction.PATCH, change.after()).path(path.render()).data(value);
  }

  private static final class Smallest {
    private @Nullable RecordPath path;
    private @Nullable JsonValue value;
    private int bytes = Integer.MAX_VALUE;

    void consider(String key, JsonValue candidate) {
      int size = key.length() + candidate.encodedBytes();
      if (size >= bytes) {
        return;
      }
      var candidatePath = new RecordPath(List.of(new PathToken.Key(key)));
      if (candidatePath.isAddressable()) {
        path = candidatePath;
        value = candidate;
        bytes = size;
      }
    }
  }
}
