// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.path;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A path into a record in deepstream's notation (protocol reference, section 13): keys separated
/// by dots, array places in brackets, white space around keys ignored.
///
/// @param tokens at least one; the first is always a key
public record RecordPath(List<PathToken> tokens) {
  /// Highest array place a path may name beyond the end of an array: a larger one would allocate
  /// all the places before it.
  public static final int INDEX_MAX = 10_000;

  public static final int TOKENS_MAX = 64;
  private static final int LENGTH_MAX = 2048;

  /// As in JSON text: a document edited along a longer key could not be read back.
  private static final int KEY_BYTES_MAX = 1024;

  private static final int PLACE_MAX = 999_999_999;

  public RecordPath {
    tokens = List.copyOf(tokens);
  }

  /// @throws FreshetException `INVALID_PATH` when there is nothing to address or a place is not a
  ///   whole number, `FORBIDDEN_KEY` for names that would change a JavaScript prototype
  public static RecordPath parse(String text) {
    if (text.length() > LENGTH_MAX) {
      throw invalid("The path is longer than " + LENGTH_MAX + " characters");
    }
    var tokens = new ArrayList<PathToken>();
    int from = 0;
    while (from <= text.length()) {
      int dot = text.indexOf('.', from);
      int to = dot < 0 ? text.length() : dot;
      addPart(trimmed(text.substring(from, to)), tokens);
      from = to + 1;
    }
    if (tokens.isEmpty() || tokens.size() > TOKENS_MAX) {
      throw invalid("The path must have 1 to " + TOKENS_MAX + " steps");
    }
    return new RecordPath(tokens);
  }

  /// A part is a key with any number of bracketed places behind it. The key is kept even when it is
  /// empty, as in `[0]`: that is how the official client reads it.
  private static void addPart(String part, List<PathToken> tokens) {
    if (part.isEmpty()) {
      return;
    }
    int bracket = firstBracket(part, 0);
    tokens.add(new PathToken.Key(allowed(part.substring(0, bracket))));
    int from = bracket + 1;
    while (from <= part.length()) {
      int to = firstBracket(part, from);
      String piece = part.substring(from, to);
      if (!piece.isEmpty()) {
        tokens.add(new PathToken.Index(place(trimmed(piece))));
      }
      from = to + 1;
    }
  }

  /// As JavaScript trims, which differs from every method Java has for it.
  private static String trimmed(String text) {
    int from = 0;
    int to = text.length();
    while (from < to && isSpace(text.charAt(from))) {
      from++;
    }
    while (to > from && isSpace(text.charAt(to - 1))) {
      to--;
    }
    return text.substring(from, to);
  }

  private static boolean isSpace(char c) {
    return c == ' '
        || c >= '\t' && c <= '\r'
        || c >= 0x80 && (Character.isSpaceChar(c) || c == '\uFEFF');
  }

  private static int firstBracket(String part, int from) {
    for (int i = from; i < part.length(); i++) {
      if (part.charAt(i) == '[' || part.charAt(i) == ']') {
        return i;
      }
    }
    return part.length();
  }

  private static String allowed(String key) {
    if (key.equals("__proto__") || key.equals("constructor") || key.equals("prototype")) {
      throw new FreshetException(
          ErrorCode.FORBIDDEN_KEY, "A path may not contain the key \"" + key + "\"");
    }
    if (key.length() > KEY_BYTES_MAX / 3
        && key.getBytes(StandardCharsets.UTF_8).length > KEY_BYTES_MAX) {
      throw invalid("A key in the path is longer than " + KEY_BYTES_MAX + " bytes");
    }
    return key;
  }

  private static int place(String piece) {
    if (piece.isEmpty() || piece.length() > 9) {
      throw invalid("An array place must be a whole number up to 9 digits");
    }
    for (int i = 0; i < piece.length(); i++) {
      if (piece.charAt(i) < '0' || piece.charAt(i) > '9') {
        throw invalid("An array place must be a whole number");
      }
    }
    return Integer.parseInt(piece);
  }

  private static FreshetException invalid(String message) {
    return new FreshetException(ErrorCode.INVALID_PATH, message);
  }

  /// This path in deepstream's notation.
  public String render() {
    var text = new StringBuilder();
    for (PathToken token : tokens) {
      switch (token) {
        case PathToken.Key(String name) -> text.append(text.isEmpty() ? "" : ".").append(name);
        case PathToken.Index(int place) -> text.append('[').append(place).append(']');
      }
    }
    return text.toString();
  }

  /// Whether [#render] surely reads back as this path: a key holding a dot, a bracket or outer
  /// white space has no notation (an empty one only in some places), and a client given it would
  /// write somewhere else.
  public boolean isAddressable() {
    for (PathToken token : tokens) {
      boolean plain =
          switch (token) {
            case PathToken.Key(String name) -> isPlain(name);
            case PathToken.Index(int place) -> place >= 0 && place <= PLACE_MAX;
          };
      if (!plain) {
        return false;
      }
    }
    return tokens.getFirst() instanceof PathToken.Key
        && tokens.size() <= TOKENS_MAX
        && render().length() <= LENGTH_MAX;
  }

  private static boolean isPlain(String name) {
    if (name.isEmpty() || !name.equals(trimmed(name))) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '.' || c == '[' || c == ']') {
        return false;
      }
    }
    return !name.equals("__proto__") && !name.equals("constructor") && !name.equals("prototype");
  }

  @Override
  public String toString() {
    return render();
  }
}
