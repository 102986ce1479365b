// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.mutation;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A path into a document in the notations of the Sync contract 2.6: a JSON pointer when it begins
/// with `/`, otherwise keys separated by dots, where `\.` and `\\` stand for a dot and a backslash.
/// Both say the same thing, so equal paths are equal however they were written.
///
/// Whether a step such as `0` is a key or a place in an array depends on what is there; on an
/// array, `-` is the place behind the last element.
///
/// @param segments the steps; none for the root
public record FieldPath(List<String> segments) {
  public static final FieldPath ROOT = new FieldPath(List.of());
  public static final int SEGMENTS_MAX = 64;

  /// Longest path, in bytes of UTF-8.
  public static final int BYTES_MAX = 2048;

  /// As in JSON text: a document edited along a longer key could not be read back.
  private static final int KEY_BYTES_MAX = 1024;

  public FieldPath {
    segments = List.copyOf(segments);
  }

  public static FieldPath of(String... segments) {
    return new FieldPath(List.of(segments));
  }

  /// Reads either notation.
  ///
  /// @throws FreshetException `INVALID_PATH`, also for the root; `FORBIDDEN_KEY`
  public static FieldPath parse(String text) {
    if (text.isEmpty()) {
      throw invalid("A path may not be empty; to write the whole document use replace");
    }
    return text.charAt(0) == '/' ? parsePointer(text) : parseDotted(text);
  }

  /// Reads a JSON pointer (RFC 6901); the empty one is the root.
  ///
  /// @throws FreshetException `INVALID_PATH`, `FORBIDDEN_KEY`
  public static FieldPath parsePointer(String text) {
    if (text.isEmpty()) {
      return ROOT;
    }
    if (text.charAt(0) != '/') {
      throw invalid("A JSON pointer begins with a slash: /a/b");
    }
    requireLength(text);
    var segments = new ArrayList<String>();
    int from = 1;
    while (from <= text.length()) {
      int slash = text.indexOf('/', from);
      int to = slash < 0 ? text.length() : slash;
      add(unescapedPointer(text.substring(from, to)), segments);
      from = to + 1;
    }
    return new FieldPath(segments);
  }

  private static String unescapedPointer(String part) {
    if (part.indexOf('~') < 0) {
      return part;
    }
    var key = new StringBuilder(part.length());
    for (int i = 0; i < part.length(); i++) {
      char c = part.charAt(i);
      if (c == '~') {
        i++;
        c = i < part.length() ? part.charAt(i) : 0;
        if (c != '0' && c != '1') {
          throw invalid("In a JSON pointer only ~0 (for ~) and ~1 (for /) may follow a tilde");
        }
        c = c == '0' ? '~' : '/';
      }
      key.append(c);
    }
    return key.toString();
  }

  private static FieldPath parseDotted(String text) {
    requireLength(text);
    var segments = new ArrayList<String>();
    var key = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '.') {
        addNamed(key, segments);
      } else if (c == '\\') {
        i++;
        key.append(escaped(i < text.length() ? text.charAt(i) : 0));
      } else {
        key.append(c);
      }
    }
    addNamed(key, segments);
    return new FieldPath(segments);
  }

  private static char escaped(char c) {
    if (c != '.' && c != '\\') {
      throw invalid("In a path only \\. and \\\\ may follow a backslash");
    }
    return c;
  }

  private static void addNamed(StringBuilder key, List<String> segments) {
    if (key.isEmpty()) {
      throw invalid("A path has an empty step; a field with an empty name is written /a//b");
    }
    add(key.toString(), segments);
    key.setLength(0);
  }

  private static void add(String key, List<String> segments) {
    if (key.equals("__proto__")) {
      throw new FreshetException(
          ErrorCode.FORBIDDEN_KEY, "A path may not contain the key \"__proto__\"; rename it");
    }
    if (key.length() > KEY_BYTES_MAX / 3 && bytes(key) > KEY_BYTES_MAX) {
      throw invalid("A key in the path is longer than " + KEY_BYTES_MAX + " bytes");
    }
    if (segments.size() == SEGMENTS_MAX) {
      throw invalid("A path has more than " + SEGMENTS_MAX + " steps");
    }
    segments.add(key);
  }

  private static void requireLength(String text) {
    if (text.length() > BYTES_MAX / 3 && bytes(text) > BYTES_MAX) {
      throw invalid("A path is longer than " + BYTES_MAX + " bytes");
    }
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static FreshetException invalid(String message) {
    return new FreshetException(ErrorCode.INVALID_PATH, message);
  }

  public boolean isRoot() {
    return segments.isEmpty();
  }

  /// Whether the other is this path or leads further.
  public boolean contains(FieldPath other) {
    return other.segments.size() >= segments.size()
        && other.segments.subList(0, segments.size()).equals(segments);
  }

  /// This path in dots, or as a JSON pointer where dots cannot say it: an empty key anywhere, a
  /// slash at the beginning. Reads back as this path.
  public String render() {
    return isDotted() ? dotted() : pointer();
  }

  private boolean isDotted() {
    for (String key : segments) {
      if (key.isEmpty()) {
        return false;
      }
    }
    return segments.isEmpty() || segments.getFirst().charAt(0) != '/';
  }

  private String dotted() {
    if (segments.size() == 1 && isPlain(segments.getFirst())) {
      return segments.getFirst();
    }
    var text = new StringBuilder();
    for (String key : segments) {
      if (!text.isEmpty()) {
        text.append('.');
      }
      text.append(isPlain(key) ? key : key.replace("\\", "\\\\").replace(".", "\\."));
    }
    return text.toString();
  }

  private static boolean isPlain(String key) {
    return key.indexOf('.') < 0 && key.indexOf('\\') < 0;
  }

  /// This path as a JSON pointer.
  public String pointer() {
    var text = new StringBuilder();
    for (String key : segments) {
      text.append('/').append(key.replace("~", "~0").replace("/", "~1"));
    }
    return text.toString();
  }

  @Override
  public String toString() {
    return render();
  }
}
