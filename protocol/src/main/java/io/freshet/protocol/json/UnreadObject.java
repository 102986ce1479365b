// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// An object as its canonical encoding, read when somebody first looks into it. Most objects of a
/// log that is read again are only passed on.
final class UnreadObject extends JsonObject {
  /// What was accepted once stays readable whatever the limits are today.
  private static final JsonLimits ANY =
      new JsonLimits(Integer.MAX_VALUE, 10_000, Integer.MAX_VALUE);

  private final byte[] canonical;

  /// Threads may read it at the same time, to equal objects that are safe to share.
  private @Nullable JsonObject read;

  /// Takes the array over.
  UnreadObject(byte[] canonical) {
    super(canonical.length);
    this.canonical = canonical;
  }

  /// Not to be changed.
  byte[] canonical() {
    return canonical;
  }

  @Override
  JsonObject read() {
    JsonObject known = read;
    if (known == null) {
      JsonValue value = Json.parse(canonical, ANY);
      if (!(value instanceof JsonObject object) || object.encodedBytes() != canonical.length) {
        throw new FreshetException(ErrorCode.INVALID_JSON, "No canonical encoding of an object");
      }
      known = object;
      read = known;
    }
    return known;
  }

  @Override
  public int members() {
    return read().members();
  }

  @Override
  public int size() {
    return read().size();
  }

  @Override
  public @Nullable JsonValue get(String key) {
    return read().get(key);
  }

  @Override
  public JsonObject with(String key, JsonValue value) {
    return read().with(key, value);
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // whether it is the same still is what is asked
  public JsonObject without(String key) {
    JsonObject whole = read();
    JsonObject rest = whole.without(key);
    return rest == whole ? this : rest;
  }

  @Override
  public void forEach(BiConsumer<String, JsonValue> action) {
    read().forEach(action);
  }
}
