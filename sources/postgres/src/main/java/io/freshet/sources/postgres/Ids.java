// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.DocumentKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes the id of a row out of the texts of its key columns, and back. Stateless.
///
/// The texts are joined by commas. In each, `%` and control characters, and where there are several
/// columns the comma, are written as the `%XX` of their UTF-8 bytes; an empty text is `%00`, which
/// nothing else becomes, because texts of PostgreSQL never hold that character.
final class Ids {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();
  private static final String EMPTY = "%00";

  private Ids() {}

  /// Null if the id would be too long to name a document.
  static @Nullable String of(List<String> texts) {
    String id = joined(texts);
    boolean fits =
        id.length() * 3L <= DocumentKey.NAME_BYTES_MAX
            || id.getBytes(StandardCharsets.UTF_8).length <= DocumentKey.NAME_BYTES_MAX;
    return fits ? id : null;
  }

  /// As [#of], however long it is.
  static String joined(List<String> texts) {
    if (texts.size() == 1 && isPlain(texts.getFirst())) {
      return texts.getFirst();
    }
    var id = new StringBuilder();
    for (int i = 0; i < texts.size(); i++) {
      if (i > 0) {
        id.append(',');
      }
      append(texts.get(i), texts.size() > 1, id);
    }
    return id.toString();
  }

  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (isEscaped(text.charAt(i), false)) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  private static boolean isEscaped(char c, boolean several) {
    return c == '%' || Character.isISOControl(c) || several && c == ',';
  }

  private static void append(String text, boolean several, StringBuilder id) {
    if (text.isEmpty()) {
      id.append(EMPTY);
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isEscaped(c, several)) {
        for (byte each : String.valueOf(c).getBytes(StandardCharsets.UTF_8)) {
          id.append('%').append(HEX.toHexDigits(each));
        }
      } else {
        id.append(c);
      }
    }
  }

  /// The texts that make this id; null if none do.
  ///
  /// @param columns how many there are
  static @Nullable List<String> texts(String id, int columns) {
    var texts = new ArrayList<String>();
    for (String part : columns == 1 ? List.of(id) : List.of(id.split(",", -1))) {
      String text = part.equals(EMPTY) ? "" : text(part);
      if (text == null) {
        return null;
      }
      texts.add(text);
    }
    return texts.size() == columns && id.equals(joined(texts)) ? texts : null;
  }

  private static @Nullable String text(String part) {
    if (part.indexOf('%') < 0) {
      return part;
    }
    byte[] from = part.getBytes(StandardCharsets.UTF_8);
    var to = new byte[from.length];
    int length = 0;
    for (int i = 0; i < from.length; i++) {
      if (from[i] != '%') {
        to[length++] = from[i];
      } else if (i + 2 < from.length
          && HexFormat.isHexDigit(from[i + 1])
          && HexFormat.isHexDigit(from[i + 2])) {
        to[length++] = (byte) HexFormat.fromHexDigits(part(from, i + 1));
        i += 2;
      } else {
        return null;
      }
    }
    return new String(to, 0, length, StandardCharsets.UTF_8);
  }

  private static String part(byte[] ascii, int from) {
    return new String(ascii, from, 2, StandardCharsets.ISO_8859_1);
  }
}
