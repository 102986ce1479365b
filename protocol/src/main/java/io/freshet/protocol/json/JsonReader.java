// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.ArrayList;

/// Strict reading: one value, RFC 8259, valid UTF-8, no duplicate keys, within limits, in one pass
/// over the bytes. Builds the tree bottom-up with a recursion no deeper than the depth limit.
final class JsonReader {
  /// Most digits whose number surely fits a `long`.
  private static final int LONG_DIGITS_MAX = 18;

  private final byte[] in;
  private final int start;
  private final int end;
  private final JsonLimits limits;
  private final TextReader texts;
  private int at;
  private int members;

  private JsonReader(byte[] in, int offset, int length, JsonLimits limits) {
    this.in = in;
    this.start = offset;
    this.at = offset;
    this.end = offset + length;
    this.limits = limits;
    this.texts = new TextReader(in, offset, end);
  }

  static JsonValue read(byte[] utf8, int offset, int length, JsonLimits limits) {
    if (length > limits.bytesMax()) {
      throw new FreshetException(
          ErrorCode.DOCUMENT_TOO_LARGE,
          "The JSON is " + length + " bytes; the limit is " + limits.bytesMax());
    }
    return new JsonReader(utf8, offset, length, limits).document();
  }

  static FreshetException invalid(int at, String why) {
    return new FreshetException(
        ErrorCode.INVALID_JSON, "Not valid JSON at byte " + at + ": " + why);
  }

  private FreshetException invalid(String why) {
    return invalid(at - start, at == end ? "it ends too early" : why);
  }

  private JsonValue document() {
    if (end - at >= 3 && in[at] == (byte) 0xEF && in[at + 1] == (byte) 0xBB) {
      throw invalid("it begins with a byte order mark; send UTF-8 without one");
    }
    skipSpace();
    JsonValue value = value(0);
    skipSpace();
    if (at < end) {
      throw invalid("there is something after the value");
    }
    return value;
  }

  private void skipSpace() {
    while (at < end && isSpace(in[at])) {
      at++;
    }
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }

  /// The next byte that is not white space, 0 at the end; it is not taken.
  private byte next() {
    skipSpace();
    return at < end ? in[at] : 0;
  }

  private JsonValue value(int depth) {
    return switch (at < end ? in[at] : 0) {
      case '"' -> {
        at = texts.read(at);
        yield JsonString.known(texts.text(), texts.encodedBytes());
      }
      case '{' -> object(depth + 1);
      case '[' -> array(depth + 1);
      case 't' -> word("true", JsonBoolean.TRUE);
      case 'f' -> word("false", JsonBoolean.FALSE);
      case 'n' -> word("null", JsonNull.NULL);
      case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
      default -> throw invalid("a value should stand here");
    };
  }

  private JsonValue word(String word, JsonValue value) {
    for (int i = 0; i < word.length(); i++, at++) {
      if (at == end || in[at] != word.charAt(i)) {
        throw invalid("a value should stand here; words are true, false and null");
      }
    }
    return value;
  }

  private JsonArray array(int depth) {
    requireDepth(depth);
    at++;
    if (next() == ']') {
      at++;
      return JsonArray.EMPTY;
    }
    var elements = new ArrayList<JsonValue>();
    while (true) {
      countMember();
      elements.add(value(depth));
      switch (next()) {
        case ',' -> at++;
        case ']' -> {
          at++;
          return JsonArray.of(elements);
        }
        default -> throw invalid("a comma or a closing bracket should stand here");
      }
      skipSpace();
    }
  }

  private JsonObject object(int depth) {
    requireDepth(depth);
    at++;
    if (next() == '}') {
      at++;
      return JsonObject.empty();
    }
    var members = new Members();
    while (true) {
      countMember();
      key(members);
      if (next() != ':') {
        throw invalid("a colon should stand here");
      }
      at++;
      skipSpace();
      members.addValue(value(depth));
      switch (next()) {
        case ',' -> at++;
        case '}' -> {
          at++;
          return members.build();
        }
        default -> throw invalid("a comma or a closing brace should stand here");
      }
      skipSpace();
    }
  }

  private void key(Members members) {
    if (at == end || in[at] != '"') {
      throw invalid("a key in double quotes should stand here");
    }
    int after = texts.read(at);
    if (!members.addKey(texts.text(), texts.encodedBytes())) {
      throw invalid("the object has the key \"" + abbreviated(texts.text()) + "\" already");
    }
    at = after;
  }

  private static String abbreviated(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }

  private JsonNumber number() {
    int first = at;
    boolean negative = in[at] == '-';
    if (negative) {
      at++;
    }
    int digitsFrom = at;
    long digits = digits(0);
    if (at - digitsFrom > 1 && in[digitsFrom] == '0') {
      throw invalid("a number may not begin with zeros");
    }
    int scale = 0;
    if (at < end && in[at] == '.') {
      int dot = at++;
      digits = digits(digits);
      scale = at - dot - 1;
    }
    boolean scientific = at < end && (in[at] == 'e' || in[at] == 'E');
    if (scientific) {
      at++;
      if (at < end && (in[at] == '+' || in[at] == '-')) {
        at++;
      }
      digits(0);
    }
    if (scientific || at - digitsFrom > LONG_DIGITS_MAX) {
      return JsonNumber.parse(in, first, at - first);
    }
    return JsonNumber.of(negative ? -digits : digits, scale);
  }

  /// Takes at least one digit. The result goes on from `before`; it means something only while it
  /// has few enough digits.
  private long digits(long before) {
    int from = at;
    long value = before;
    while (at < end && in[at] >= '0' && in[at] <= '9') {
      value = value * 10 + (in[at++] - '0');
    }
    if (at == from) {
      throw invalid("a digit should stand here");
    }
    return value;
  }

  private void requireDepth(int depth) {
    if (depth > limits.depthMax()) {
      throw new FreshetException(
          ErrorCode.TOO_DEEP, "The JSON is nested deeper than " + limits.depthMax() + " levels");
    }
  }

  private void countMember() {
    if (++members > limits.membersMax()) {
      throw new FreshetException(
          ErrorCode.DOCUMENT_TOO_LARGE,
          "The JSON has more than " + limits.membersMax() + " members");
    }
  }
}
