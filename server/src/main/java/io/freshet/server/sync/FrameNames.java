// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import org.jspecify.annotations.Nullable;

/// The names a client gave to a frame that is refused for what stands in it (a forbidden key, a
/// number out of range, too deep a value): without them it would wait for an answer in vain. Looks
/// at the outermost members only, and no further than they are well-formed.
///
/// @param ref null for none
/// @param requestId null for none
record FrameNames(@Nullable String ref, @Nullable String requestId) {

  static FrameNames in(byte[] text, int length) {
    var scan = new Scan(text, length);
    scan.members();
    return new FrameNames(scan.ref, scan.requestId);
  }

  /// Goes through the text once.
  private static final class Scan {
    private final byte[] text;
    private final int length;
    private int at;
    private @Nullable String ref;
    private @Nullable String requestId;

    Scan(byte[] text, int length) {
      this.text = text;
      this.length = length;
    }

    void members() {
      boolean more = take('{');
      while (more) {
        String key = string();
        if (key == null || !take(':')) {
          return;
        }
        if (key.equals("ref") && isAt('"')) {
          ref = string();
        } else if (key.equals("requestId") && isAt('"')) {
          requestId = string();
        } else {
          skipValue();
        }
        more = take(',');
      }
    }

    private boolean isAt(char c) {
      while (at < length && (text[at] == ' ' || text[at] >= '\t' && text[at] <= '\r')) {
        at++;
      }
      return at < length && text[at] == c;
    }

    private boolean take(char c) {
      boolean there = isAt(c);
      if (there) {
        at++;
      }
      return there;
    }

    private @Nullable String string() {
      if (!isAt('"')) {
        return null;
      }
      int from = at;
      skipString();
      if (at - from > ClientFrames.NAME_CHARACTERS_MAX) {
        return "";
      }
      try {
        JsonValue value = Json.parse(text, from, at - from, JsonLimits.DEFAULT);
        return value instanceof JsonString string ? string.value() : null;
      } catch (FreshetException notAString) {
        return null;
      }
    }

    /// From its first quotation mark to behind its last.
    private void skipString() {
      for (at++; at < length && text[at] != '"'; at++) {
        if (text[at] == '\\') {
          at++;
        }
      }
      at = Math.min(length, at + 1);
    }

    /// To the comma or bracket behind it.
    private void skipValue() {
      int depth = 0;
      while (at < length) {
        switch (text[at]) {
          case '"' -> skipString();
          case '{', '[' -> {
            depth++;
            at++;
          }
          case '}', ']' -> {
            if (depth == 0) {
              return;
            }
            depth--;
            at++;
          }
          case ',' -> {
            if (depth == 0) {
              return;
            }
            at++;
          }
          default -> at++;
        }
      }
    }
  }
}
