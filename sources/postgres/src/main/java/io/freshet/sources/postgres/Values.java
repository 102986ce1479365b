// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonLimits;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.Base64;
import java.util.HexFormat;

/// How the values of the system's types are read. What JSON cannot hold as what it is stays the
/// text that PostgreSQL writes. Stateless.
final class Values {
  /// Longest number that surely fits a `long`, a sign and a point included.
  private static final int SHORT_NUMBER = 18;

  /// A column is one level below its row.
  private static final JsonLimits JSON_LIMITS =
      new JsonLimits(16 << 20, JsonLimits.DEFAULT.depthMax() - 1, JsonLimits.DEFAULT.membersMax());

  private static final byte[] BEFORE_CHRIST = {' ', 'B', 'C'};

  private Values() {}

  static JsonValue text(byte[] in, int offset, int length) {
    return JsonString.ofUtf8(in, offset, length);
  }

  static JsonValue bool(byte[] in, int offset, int length) {
    return JsonBoolean.of(length > 0 && in[offset] == 't');
  }

  /// Every number type. `NaN`, infinities and numbers with more digits than documents can hold
  /// become strings.
  static JsonValue number(byte[] in, int offset, int length) {
    int end = offset + length;
    int at = offset;
    boolean negative = length > 0 && in[at] == '-';
    if (negative) {
      at++;
    }
    long digits = 0;
    int point = end;
    for (; at < end && length <= SHORT_NUMBER; at++) {
      int digit = in[at] - '0';
      if (digit >= 0 && digit <= 9) {
        digits = digits * 10 + digit;
      } else if (in[at] == '.' && point == end) {
        point = at;
      } else {
        break;
      }
    }
    if (at < end || length == 0) {
      return longNumber(in, offset, length);
    }
    int scale = point == end ? 0 : end - point - 1;
    return JsonNumber.of(negative ? -digits : digits, scale);
  }

  private static JsonValue longNumber(byte[] in, int offset, int length) {
    try {
      JsonValue value = Json.parse(in, offset, length, JsonLimits.DEFAULT);
      return value instanceof JsonNumber ? value : text(in, offset, length);
    } catch (FreshetException notOne) {
      return text(in, offset, length);
    }
  }

  /// `json` and `jsonb`: the value itself; the text of one that documents cannot hold (the same key
  /// twice, nested too deep, numbers beyond what is exact).
  static JsonValue json(byte[] in, int offset, int length) {
    try {
      return Json.parse(in, offset, length, JSON_LIMITS);
    } catch (FreshetException refused) {
      return text(in, offset, length);
    }
  }

  /// `timestamp` and `timestamptz`, the latter written in UTC: `2026-01-02T03:04:05.123456Z`.
  /// Infinities and years before Christ stay as they are.
  static JsonValue timestamp(byte[] in, int offset, int length) {
    if (length < 19 || in[offset + 4] != '-' && !hasLongYear(in, offset, length)) {
      return text(in, offset, length);
    }
    int end = offset + length;
    if (endsWith(in, end, BEFORE_CHRIST)) {
      return text(in, offset, length);
    }
    int last = end;
    if (in[end - 3] == '+' && in[end - 2] == '0' && in[end - 1] == '0') {
      last = end - 3;
    }
    var iso = new byte[last - offset + 1];
    System.arraycopy(in, offset, iso, 0, last - offset);
    for (int i = 0; i < iso.length; i++) {
      if (iso[i] == ' ') {
        iso[i] = 'T';
      }
    }
    iso[iso.length - 1] = 'Z';
    return JsonString.ofUtf8(iso, 0, iso.length);
  }

  private static boolean hasLongYear(byte[] in, int offset, int length) {
    for (int i = 5; i < 8 && i < length; i++) {
      if (in[offset + i] == '-') {
        return true;
      }
    }
    return false;
  }

  private static boolean endsWith(byte[] in, int end, byte[] suffix) {
    for (int i = 0; i < suffix.length; i++) {
      if (in[end - suffix.length + i] != suffix[i]) {
        return false;
      }
    }
    return true;
  }

  /// `bytea` in base64.
  static JsonValue bytes(byte[] in, int offset, int length) {
    if (length < 2 || in[offset] != '\\' || in[offset + 1] != 'x') {
      return text(in, offset, length);
    }
    var bytes = new byte[(length - 2) / 2];
    for (int i = 0; i < bytes.length; i++) {
      int high = HexFormat.fromHexDigit(in[offset + 2 + 2 * i]);
      bytes[i] = (byte) (high << 4 | HexFormat.fromHexDigit(in[offset + 3 + 2 * i]));
    }
    byte[] base64 = Base64.getEncoder().encode(bytes);
    return JsonString.ofUtf8(base64, 0, base64.length);
  }
}
