// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.Captured;
import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.Operation;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.PathEdit;
import io.freshet.protocol.path.PathToken;
import io.freshet.protocol.path.RecordPath;
import io.freshet.spi.Write;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One change as it stands in a block. The state after it is given in one of three ways: nothing
/// (`{}`), a full image, or derived: the edits applied to the state before it, which is the state
/// after the document's previous change. The state before is not kept, except where that previous
/// change is not in this log any more.
///
/// An entry that only tells what stands there ([#isTold]) is beside that: it carries its document,
/// stands on no other change, and none stands on it.
final class ChangeEntry {
  /// Largest image that every change carries.
  static final int IMAGE_BYTES_MAX = 16 << 10;

  /// A full image at least this often.
  static final int IMAGE_EVERY = 64;

  private static final int CONTENT_EMPTY = 0;
  private static final int CONTENT_IMAGE = 1 << 4;
  private static final int CONTENT_DERIVED = 2 << 4;
  private static final int CONTENT = 3 << 4;
  private static final int HAS_OPERATIONS = 1 << 6;
  private static final int HAS_BEFORE = 1 << 7;
  private static final int OPERATION = 15;

  // Beside the lives before and after; older entries have none of these.
  private static final int LIFE = 3;
  private static final int HAS_EXPIRY = 1 << 4;
  private static final int HAS_BATCH = 1 << 5;

  /// The user of the last write is not the actor: an opening is not a write.
  private static final int HAS_USER = 1 << 6;

  private static final int HAS_CAPTURED = 1 << 7;

  // What a source says of the change.
  private static final int HIDDEN = 1;
  private static final int PARTIAL = 1 << 1;
  private static final int FORMER = 3 << 2;
  private static final int FORMER_NONE = 0;
  private static final int FORMER_IS_BEFORE = 1 << 2;
  private static final int FORMER_OWN = 2 << 2;

  private static final int SET = 0;
  private static final int ERASE = 1;

  /// A set whose value is found in the image: the only edit of a change that carries one.
  private static final int SET_AS_IN_IMAGE = 2;

  private final DocumentKey key;
  private final long offset;
  private final long previousOffset;
  private final int sinceImage;
  private final int flags;
  private final int lives;
  private final long previousRevision;

  /// The block it stands in, and where in there the part is that is decoded when it is needed.
  private final byte[] block;

  private final int data;
  private final int end;

  private ChangeEntry(String collection, long firstOffset, byte[] block, ByteReader in) {
    int length = in.fixed32();
    this.end = in.at() + length;
    this.offset = firstOffset + in.varint();
    this.flags = in.u8();
    this.lives = in.u8();
    this.key = new DocumentKey(collection, in.text());
    this.previousRevision = in.varint();
    this.previousOffset = in.varint();
    this.sinceImage = (int) in.varint();
    this.block = block;
    this.data = in.at();
    in.skip(end - data);
  }

  /// Appends the entry of a change and tells how far its image is.
  ///
  /// @param before the state before and where it stands
  /// @param inLog whether the previous change is held in the log written to
  /// @param after the state after, with its times and its user
  static int write(
      ByteWriter out,
      long offsetInBlock,
      Write write,
      StoredDocument before,
      boolean inLog,
      Document after) {
    Document old = before.document();
    List<FieldOperation> operations = write.operations();
    boolean told = isTold(write);
    boolean hasBefore = told || !inLog && old.life() != Life.MISSING;
    int content = told ? CONTENT_DERIVED : content(before, after, operations);
    int sinceImage = content == CONTENT_DERIVED ? hasBefore ? 1 : before.sinceImage() + 1 : 0;
    int start = out.size();
    out.fixed32(0);
    out.varint(offsetInBlock);
    out.u8(
        (told ? Codes.TOLD : Codes.operation(write.operation()))
            | content
            | (operations == null ? 0 : HAS_OPERATIONS)
            | (hasBefore ? HAS_BEFORE : 0));
    int extras = extras(write, after);
    out.u8(Codes.life(old.life()) | Codes.life(after.life()) << 2 | extras);
    out.text(after.key().id());
    out.varint(old.revision());
    out.varint(inLog || hasBefore ? before.offset() : 0);
    out.varint(sinceImage);
    out.varint(after.createdAt());
    out.varint(after.updatedAt());
    out.text(write.actor());
    if (extras != 0) {
      writeExtras(out, write, old, after, extras);
    }
    if (operations != null) {
      writeOperations(out, operations, content == CONTENT_IMAGE && operations.size() == 1);
    }
    if (content == CONTENT_IMAGE) {
      out.json(after.data());
    }
    if (hasBefore) {
      before.encode(out);
    }
    out.setFixed32(start, out.size() - start - 4);
    return sinceImage;
  }

  /// Whether the write only says what stands there: the document keeps its revision and is not
  /// written.
  static boolean isTold(Write write) {
    return write.operation() == Operation.SNAPSHOT
        && write.after().revision() == write.before().revision();
  }

  private static int extras(Write write, Document after) {
    return (after.expiresAt() == 0 ? 0 : HAS_EXPIRY)
        | (write.batch() == null ? 0 : HAS_BATCH)
        | (after.updatedBy().equals(write.actor()) ? 0 : HAS_USER)
        | (write.captured() == null ? 0 : HAS_CAPTURED);
  }

  private static void writeExtras(
      ByteWriter out, Write write, Document before, Document after, int extras) {
    if ((extras & HAS_EXPIRY) != 0) {
      out.varint(after.expiresAt());
    }
    if (write.batch() != null) {
      out.text(write.batch());
    }
    if ((extras & HAS_USER) != 0) {
      out.text(after.updatedBy());
    }
    if (write.captured() != null) {
      writeCaptured(out, write.captured(), before.data());
    }
  }

  /// A former row is mostly the state before; then it is not written once more.
  private static void writeCaptured(ByteWriter out, Captured captured, JsonValue before) {
    JsonObject former = captured.former();
    int kind =
        former == null
            ? FORMER_NONE
            : former.encodedBytes() == before.encodedBytes() && former.equals(before)
                ? FORMER_IS_BEFORE
                : FORMER_OWN;
    out.u8((captured.hidden() ? HIDDEN : 0) | (captured.partial() ? PARTIAL : 0) | kind);
    if (former != null && kind == FORMER_OWN) {
      out.json(former);
    }
  }

  @SuppressWarnings("ReferenceEquality") // the same tree, kept by a delete for a restore
  private static int content(
      StoredDocument before, Document after, @Nullable List<FieldOperation> operations) {
    JsonValue data = after.data();
    if (data.encodedBytes() == 2 && data.equals(JsonObject.empty())) {
      return CONTENT_EMPTY;
    }
    boolean derivable = operations != null || data == before.document().data();
    boolean small = data.encodedBytes() <= IMAGE_BYTES_MAX;
    return small || !derivable || before.sinceImage() + 1 >= IMAGE_EVERY
        ? CONTENT_IMAGE
        : CONTENT_DERIVED;
  }

  private static void writeOperations(
      ByteWriter out, List<FieldOperation> operations, boolean valueInImage) {
    out.varint(operations.size());
    for (FieldOperation operation : operations) {
      switch (operation) {
        case FieldOperation.Set(RecordPath path, JsonValue value) -> {
          out.u8(valueInImage ? SET_AS_IN_IMAGE : SET);
          writePath(out, path);
          if (!valueInImage) {
            out.json(value);
          }
        }
        case FieldOperation.Erase(RecordPath path) -> {
          out.u8(ERASE);
          writePath(out, path);
        }
      }
    }
  }

  /// A step is its kind and a number: the length of a key's text, or a place.
  private static void writePath(ByteWriter out, RecordPath path) {
    out.varint(path.tokens().size());
    for (PathToken token : path.tokens()) {
      switch (token) {
        case PathToken.Key(String name) -> {
          out.u8(0);
          out.text(name);
        }
        case PathToken.Index(int place) -> {
          out.u8(1);
          out.varint(place);
        }
      }
    }
  }

  /// Reads the entry at the reader's place; images and edits stay encoded.
  static ChangeEntry read(String collection, long firstOffset, byte[] block, ByteReader in) {
    return new ChangeEntry(collection, firstOffset, block, in);
  }

  DocumentKey key() {
    return key;
  }

  /// Its place in the log.
  long offset() {
    return offset;
  }

  /// Offset of the document's change before this one in this log; 0 when there is none.
  long previousOffset() {
    return previousOffset;
  }

  /// How many changes back the last full image is; 0 when it is here.
  int sinceImage() {
    return sinceImage;
  }

  boolean isDerived() {
    return (flags & CONTENT) == CONTENT_DERIVED;
  }

  boolean hasBefore() {
    return (flags & HAS_BEFORE) != 0;
  }

  /// Whether it only says what stands there.
  boolean isTold() {
    return (flags & OPERATION) == Codes.TOLD;
  }

  /// Whether the document did not exist before, in this log or elsewhere.
  boolean isFirst() {
    return Codes.life(lives & LIFE) == Life.MISSING;
  }

  /// The rest of the entry; objects in it are parsed when they are looked into. What it does not
  /// hold itself is asked of `before`, which is needed only if the entry [#isDerived] or the change
  /// is one of a source.
  Body body(@Nullable Document before) {
    var in = new ByteReader(block, data, end);
    long createdAt = in.varint();
    long updatedAt = in.varint();
    String actor = in.text();
    long expiresAt = (lives & HAS_EXPIRY) != 0 ? in.varint() : 0;
    String batch = (lives & HAS_BATCH) != 0 ? in.text() : null;
    String updatedBy = (lives & HAS_USER) != 0 ? in.text() : actor;
    Told told = (lives & HAS_CAPTURED) != 0 ? readTold(in) : null;
    List<Edit> edits = (flags & HAS_OPERATIONS) != 0 ? readEdits(in) : null;
    JsonValue image = (flags & CONTENT) == CONTENT_IMAGE ? in.unread() : JsonObject.empty();
    List<FieldOperation> operations = edits == null ? null : operations(edits, image);
    StoredDocument inlined = hasBefore() ? StoredDocument.unread(key, in) : null;
    Document from = inlined != null ? inlined.document() : before;
    JsonValue data = isDerived() ? derived(from, operations) : image;
    Life life = Codes.life(lives >> 2 & LIFE);
    var after =
        new Document(key, life, revision(), data, createdAt, updatedAt, expiresAt, updatedBy);
    Captured captured = told == null ? null : captured(told, from);
    return new Body(operation(), inlined, after, operations, actor, batch, captured);
  }

  /// What a source says, as it stands in the entry.
  private record Told(int flags, @Nullable JsonValue former) {}

  private static Told readTold(ByteReader in) {
    int told = in.u8();
    return new Told(told, (told & FORMER) == FORMER_OWN ? in.unread() : null);
  }

  private static Captured captured(Told told, @Nullable Document before) {
    JsonValue former =
        (told.flags & FORMER) == FORMER_IS_BEFORE && before != null ? before.data() : told.former;
    return new Captured(
        former instanceof JsonObject row ? row : null,
        (told.flags & HIDDEN) != 0,
        (told.flags & PARTIAL) != 0);
  }

  private JsonValue derived(@Nullable Document from, @Nullable List<FieldOperation> operations) {
    if (from == null || from.revision() != previousRevision) {
      throw Refusals.malformed("change " + offset + " has lost the state it was made on");
    }
    return operations == null ? from.data() : PathEdit.applyAll(from.data(), operations);
  }

  private Operation operation() {
    return Codes.operation(flags & OPERATION);
  }

  /// Of the document after it.
  long revision() {
    return operation() == Operation.OPEN || isTold() ? previousRevision : previousRevision + 1;
  }

  /// An edit as it stands in the entry: the value may have to be looked up.
  private record Edit(int kind, RecordPath path, @Nullable JsonValue value) {}

  private static List<Edit> readEdits(ByteReader in) {
    int count = in.length();
    var edits = new ArrayList<Edit>(count);
    for (int i = 0; i < count; i++) {
      int kind = in.u8();
      RecordPath path = readPath(in);
      edits.add(new Edit(kind, path, kind == SET ? in.json() : null));
    }
    return edits;
  }

  private static List<FieldOperation> operations(List<Edit> edits, JsonValue image) {
    var operations = new ArrayList<FieldOperation>(edits.size());
    for (Edit edit : edits) {
      JsonValue value = edit.kind == SET_AS_IN_IMAGE ? PathEdit.find(image, edit.path) : edit.value;
      if (edit.kind == ERASE) {
        operations.add(new FieldOperation.Erase(edit.path));
      } else if (value != null) {
        operations.add(new FieldOperation.Set(edit.path, value));
      } else {
        throw Refusals.malformed("an edit has lost its value");
      }
    }
    return operations;
  }

  private static RecordPath readPath(ByteReader in) {
    int count = in.length();
    var tokens = new ArrayList<PathToken>(count);
    for (int i = 0; i < count; i++) {
      tokens.add(
          in.u8() == 0 ? new PathToken.Key(in.text()) : new PathToken.Index((int) in.varint()));
    }
    return new RecordPath(tokens);
  }

  /// A decoded entry.
  ///
  /// @param before the state before when the entry holds it
  record Body(
      Operation operation,
      @Nullable StoredDocument before,
      Document after,
      @Nullable List<FieldOperation> operations,
      String actor,
      @Nullable String batch,
      @Nullable Captured captured) {}
}
