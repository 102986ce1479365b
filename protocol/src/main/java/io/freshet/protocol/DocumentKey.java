// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;

/// The name of a document: its collection and its id within it (design, section 1).
///
/// @param collection 1 to 128 bytes UTF-8 without `/ . * >`, white space or control characters
/// @param id non-empty, without control characters
public record DocumentKey(String collection, String id) implements Comparable<DocumentKey> {
  /// Where record names live that do not begin with a collection.
  public static final String UNNAMED = "_";

  public static final int NAME_BYTES_MAX = 512;
  public static final int COLLECTION_BYTES_MAX = 128;

  /// Splits a record name at its first `/` if the part before is a valid collection name other than
  /// `_` and the part after is not empty; otherwise the whole name is an id in `_`.
  ///
  /// @throws FreshetException `INVALID_NAME`
  public static DocumentKey ofRecordName(String name) {
    requireName(name);
    int slash = name.indexOf('/');
    if (slash > 0 && slash < name.length() - 1) {
      String collection = name.substring(0, slash);
      if (!collection.equals(UNNAMED) && isCollection(collection)) {
        return new DocumentKey(collection, name.substring(slash + 1));
      }
    }
    return new DocumentKey(UNNAMED, name);
  }

  /// The record name of this document; the inverse of [#ofRecordName].
  public String recordName() {
    return collection.equals(UNNAMED) ? id : collection + "/" + id;
  }

  /// By collection, then id. Also keeps hash maps fast when a client chooses names whose hashes
  /// collide: they order such keys if they can.
  @Override
  public int compareTo(DocumentKey other) {
    int byCollection = collection.compareTo(other.collection);
    return byCollection != 0 ? byCollection : id.compareTo(other.id);
  }

  /// Checks what holds for every name: of a record, an event, a procedure, a user.
  ///
  /// @throws FreshetException `INVALID_NAME`
  public static void requireName(String name) {
    if (name.isEmpty()) {
      throw new FreshetException(ErrorCode.INVALID_NAME, "A name may not be empty");
    }
    if (utf8Bytes(name) > NAME_BYTES_MAX) {
      throw new FreshetException(
          ErrorCode.INVALID_NAME, "A name may have at most " + NAME_BYTES_MAX + " bytes in UTF-8");
    }
    for (int i = 0; i < name.length(); i++) {
      if (Character.isISOControl(name.charAt(i))) {
        throw new FreshetException(
            ErrorCode.INVALID_NAME, "A name may not contain control characters");
      }
    }
    if (hasHalfPair(name)) {
      throw new FreshetException(
          ErrorCode.INVALID_NAME, "A name may not contain half of a surrogate pair");
    }
  }

  /// Such text has no UTF-8 form: two names would be stored as one.
  private static boolean hasHalfPair(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (i + 1 == text.length()
            || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
          return true;
        }
        i++;
      }
    }
    return false;
  }

  /// Whether the text may name a collection.
  public static boolean isCollection(String text) {
    if (text.isEmpty() || utf8Bytes(text) > COLLECTION_BYTES_MAX || hasHalfPair(text)) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '/' || c == '.' || c == '*' || c == '>') {
        return false;
      }
      if (isSpace(c) || Character.isISOControl(c)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\uFEFF';
  }

  private static int utf8Bytes(String text) {
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }
}
