// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// RFC 8259 and the Sync contract's domain (1.1) written down once more, as plainly as can be, to
/// say what the reader must take and what it must refuse. Slow, and no deeper than the stack.
final class ReferenceReader {
  private static final Pattern SPACE = Pattern.compile("[ \t\r\n]*+");
  private static final Pattern NUMBER =
      Pattern.compile("-?(?:0|[1-9][0-9]*+)(?:\\.[0-9]++)?(?:[eE][+-]?[0-9]++)?");
  private static final Pattern STRING =
      Pattern.compile(
          "\"((?:[^\"\\\\\\x00-\\x1f]|\\\\(?:[\"\\\\/bfnrt]|u[0-9a-fA-F]{4}))*+)\"",
          Pattern.DOTALL);
  private static final Map<Character, Character> ESCAPES =
      new HashMap<>(
          Map.of(
              '"', '"', '\\', '\\', '/', '/', 'b', '\b', 'f', '\f', 'n', '\n', 'r', '\r', 't',
              '\t'));

  private final String text;
  private int at;

  private ReferenceReader(String text) {
    this.text = text;
  }

  static boolean accepts(byte[] utf8) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      return false;
    }
    var reader = new ReferenceReader(text);
    try {
      reader.value();
      return reader.at == text.length();
    } catch (Refused e) {
      return false;
    }
  }

  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private String take(Pattern pattern) {
    Matcher matcher = pattern.matcher(text).region(at, text.length());
    if (!matcher.lookingAt()) {
      throw new Refused();
    }
    at = matcher.end();
    return matcher.group();
  }

  private boolean sees(String token) {
    return text.startsWith(token, at);
  }

  private void take(String token) {
    if (!sees(token)) {
      throw new Refused();
    }
    at += token.length();
  }

  private void value() {
    take(SPACE);
    if (sees("{")) {
      object();
    } else if (sees("[")) {
      array();
    } else if (sees("\"")) {
      string();
    } else if (sees("t")) {
      take("true");
    } else if (sees("f")) {
      take("false");
    } else if (sees("n")) {
      take("null");
    } else {
      number(take(NUMBER));
    }
    take(SPACE);
  }

  private void object() {
    take("{");
    Set<String> keys = new HashSet<>();
    take(SPACE);
    while (!sees("}")) {
      if (!keys.isEmpty()) {
        take(",");
        take(SPACE);
      }
      String key = string();
      if (!keys.add(key) || key.equals("__proto__")) {
        throw new Refused();
      }
      if (key.getBytes(StandardCharsets.UTF_8).length > 1024) {
        throw new Refused();
      }
      take(SPACE);
      take(":");
      value();
    }
    take("}");
  }

  private void array() {
    take("[");
    take(SPACE);
    for (boolean first = true; !sees("]"); first = false) {
      if (!first) {
        take(",");
      }
      value();
    }
    take("]");
  }

  private String string() {
    String body = take(STRING);
    var decoded = new StringBuilder();
    for (int i = 1; i < body.length() - 1; i++) {
      char c = body.charAt(i);
      if (c != '\\') {
        decoded.append(c);
      } else if (body.charAt(++i) == 'u') {
        decoded.append((char) Integer.parseInt(body.substring(i + 1, i + 5), 16));
        i += 4;
      } else {
        decoded.append(ESCAPES.get(body.charAt(i)));
      }
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(decoded)) {
      throw new Refused();
    }
    return decoded.toString();
  }

  private static void number(String spelling) {
    if (spelling.length() > 1000) {
      throw new Refused();
    }
    BigDecimal value;
    try {
      value = new BigDecimal(spelling).stripTrailingZeros();
    } catch (NumberFormatException e) {
      throw new Refused();
    }
    long exponent = (long) value.precision() - value.scale() - 1;
    if (value.signum() != 0 && (value.precision() > 34 || Math.abs(exponent) > 308)) {
      throw new Refused();
    }
  }
}
