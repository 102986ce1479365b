// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.diff;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.json.ObjectEditor;
import io.freshet.protocol.mutation.FieldPath;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;

/// Writes diffs as JSON: `{"added":{path:value},"removed":{path:value},"changed":{path:{"from":…,
/// "to":…}}}`, always with all three members, the paths in order.
///
/// @param oldBytesMax above this many encoded bytes, `from` is left out and `"fromOmitted":true`
///   stands beside `to`; a removed value becomes `{"$omitted":bytes}`. Nobody needs them to follow
public record DiffEncoder(int oldBytesMax) {
  /// Old values are always written.
  public static final DiffEncoder WHOLE = new DiffEncoder(Integer.MAX_VALUE);

  /// Old values up to 4 KiB are written (Sync contract 5.1, 11).
  public static final DiffEncoder SHORT = new DiffEncoder(4096);

  private static final byte[] ADDED = ascii("{\"added\":{");
  private static final byte[] REMOVED = ascii("},\"removed\":{");
  private static final byte[] CHANGED = ascii("},\"changed\":{");
  private static final byte[] END = ascii("}}");

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /// Length of the encoding, known without encoding.
  public int encodedBytes(Diff diff) {
    return ADDED.length
        + REMOVED.length
        + CHANGED.length
        + END.length
        + entryBytes(diff.added(), Diff.Added::path, Diff.Added::value)
        + entryBytes(diff.removed(), Diff.Removed::path, this::value)
        + entryBytes(diff.changed(), Diff.Changed::path, this::value);
  }

  private static <T> int entryBytes(
      List<T> entries, Function<T, FieldPath> path, Function<T, JsonValue> value) {
    int bytes = Math.max(0, entries.size() - 1);
    for (T entry : entries) {
      bytes += name(path.apply(entry)).encodedBytes() + 1 + value.apply(entry).encodedBytes();
    }
    return bytes;
  }

  private static JsonString name(FieldPath path) {
    return JsonString.of(path.render());
  }

  private JsonValue value(Diff.Removed entry) {
    int bytes = entry.value().encodedBytes();
    return bytes > oldBytesMax ? JsonObject.of("$omitted", JsonNumber.of(bytes)) : entry.value();
  }

  private JsonObject value(Diff.Changed entry) {
    return entry.from().encodedBytes() > oldBytesMax
        ? JsonObject.of("fromOmitted", JsonBoolean.TRUE).with("to", entry.to())
        : JsonObject.of("from", entry.from()).with("to", entry.to());
  }

  /// Writes the encoding at `at` and returns the place after it. The target must have room for
  /// [#encodedBytes] bytes.
  public int write(Diff diff, byte[] target, int at) {
    int to = copy(ADDED, target, at);
    to = writeEntries(diff.added(), Diff.Added::path, Diff.Added::value, target, to);
    to = copy(REMOVED, target, to);
    to = writeEntries(diff.removed(), Diff.Removed::path, this::value, target, to);
    to = copy(CHANGED, target, to);
    to = writeEntries(diff.changed(), Diff.Changed::path, this::value, target, to);
    return copy(END, target, to);
  }

  private static int copy(byte[] source, byte[] target, int at) {
    System.arraycopy(source, 0, target, at, source.length);
    return at + source.length;
  }

  private static <T> int writeEntries(
      List<T> entries,
      Function<T, FieldPath> path,
      Function<T, JsonValue> value,
      byte[] target,
      int at) {
    int to = at;
    for (T entry : entries) {
      if (to > at) {
        target[to++] = ',';
      }
      to = Json.write(name(path.apply(entry)), target, to);
      target[to++] = ':';
      to = Json.write(value.apply(entry), target, to);
    }
    return to;
  }

  public byte[] encode(Diff diff) {
    var target = new byte[encodedBytes(diff)];
    write(diff, target, 0);
    return target;
  }

  /// The same as a value; of very many paths the order is lost.
  public JsonObject toJson(Diff diff) {
    return JsonObject.of("added", object(diff.added(), Diff.Added::path, Diff.Added::value))
        .with("removed", object(diff.removed(), Diff.Removed::path, this::value))
        .with("changed", object(diff.changed(), Diff.Changed::path, this::value));
  }

  private static <T> JsonObject object(
      List<T> entries, Function<T, FieldPath> path, Function<T, JsonValue> value) {
    var object = new ObjectEditor(JsonObject.empty());
    for (T entry : entries) {
      object.put(path.apply(entry).render(), value.apply(entry));
    }
    return object.object();
  }
}
