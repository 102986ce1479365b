// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.Arrays;

/// Reads arrays as PostgreSQL writes them: `{1,NULL,"a \"b\""}`, nested for more dimensions, with
/// `[0:2]={...}` before it where indexes do not begin at 1 (which is not kept).
final class ArrayText implements ValueReader {
  /// PostgreSQL has no more.
  private static final int DIMENSIONS_MAX = 6;

  private final ValueReader elements;
  private final byte delimiter;

  /// @param delimiter between elements: `,` for all types but `box`
  ArrayText(ValueReader elements, char delimiter) {
    this.elements = elements;
    this.delimiter = (byte) delimiter;
  }

  @Override
  public JsonValue read(byte[] in, int offset, int length) {
    var reading = new Reading(in, offset, offset + length);
    reading.skipBounds();
    JsonArray array = reading.array(1);
    if (reading.at != reading.end) {
      throw malformed();
    }
    return array;
  }

  private static IllegalArgumentException malformed() {
    return new IllegalArgumentException("Not the text of an array");
  }

  private final class Reading {
    private final byte[] in;
    private final int end;
    private byte[] unquoted = {};
    private int at;

    Reading(byte[] in, int at, int end) {
      this.in = in;
      this.at = at;
      this.end = end;
    }

    private byte peek() {
      if (at >= end) {
        throw malformed();
      }
      return in[at];
    }

    void skipBounds() {
      if (peek() == '[') {
        while (peek() != '=') {
          at++;
        }
        at++;
      }
    }

    JsonArray array(int depth) {
      if (peek() != '{' || depth > DIMENSIONS_MAX) {
        throw malformed();
      }
      at++;
      if (peek() == '}') {
        at++;
        return JsonArray.EMPTY;
      }
      var values = new ArrayList<JsonValue>();
      while (true) {
        values.add(
            switch (peek()) {
              case '{' -> array(depth + 1);
              case '"' -> quoted();
              default -> plain();
            });
        byte next = peek();
        at++;
        if (next == '}') {
          return JsonArray.of(values);
        }
        if (next != delimiter) {
          throw malformed();
        }
      }
    }

    private JsonValue plain() {
      int from = at;
      while (peek() != delimiter && in[at] != '}') {
        at++;
      }
      int length = at - from;
      return length == 4 && isNull(from) ? JsonNull.NULL : elements.read(in, from, length);
    }

    private boolean isNull(int from) {
      return in[from] == 'N' && in[from + 1] == 'U' && in[from + 2] == 'L' && in[from + 3] == 'L';
    }

    private JsonValue quoted() {
      int length = 0;
      at++;
      while (peek() != '"') {
        if (in[at] == '\\') {
          at++;
        }
        if (length == unquoted.length) {
          unquoted = Arrays.copyOf(unquoted, Math.max(64, 2 * length));
        }
        unquoted[length++] = peek();
        at++;
      }
      at++;
      return elements.read(unquoted, 0, length);
    }
  }
}
