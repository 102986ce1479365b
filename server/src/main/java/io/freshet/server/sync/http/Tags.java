// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync.http;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Entity tags: the revision in quotes (RFC 9110, sections 8.8.3 and 13.1). Stateless.
final class Tags {
  private static final String ANY = "*";
  private static final String WEAK = "W/";
  private static final int DIGITS_MAX = 15;

  /// No document gets there.
  private static final long NO_REVISION = (1L << 53) - 1;

  private Tags() {}

  static String of(long revision) {
    return "\"" + revision + "\"";
  }

  /// The revision a write is meant for: of `If-Match`, or 0, meaning none, of `If-None-Match: *`.
  /// Null if neither is given, or `If-Match: *`: every write but the first needs a document anyway.
  ///
  /// @throws FreshetException `INVALID_ARGUMENT` for what cannot be read or is not offered
  static @Nullable Long precondition(Optional<String> ifMatch, Optional<String> ifNoneMatch) {
    if (ifNoneMatch.isPresent()) {
      if (ifMatch.isPresent() || !ifNoneMatch.get().strip().equals(ANY)) {
        throw invalid("With a write, If-None-Match takes * only, and not beside If-Match");
      }
      return 0L;
    }
    if (ifMatch.isEmpty() || ifMatch.get().strip().equals(ANY)) {
      return null;
    }
    List<String> tags = tags(ifMatch.get());
    if (tags.size() != 1) {
      throw invalid("If-Match takes one entity tag: a document has one revision");
    }
    return tags.getFirst().startsWith(WEAK) ? NO_REVISION : revision(tags.getFirst());
  }

  /// Whether a reader has this revision already.
  static boolean isKnown(String ifNoneMatch, long revision) {
    return ifNoneMatch.strip().equals(ANY)
        || tags(ifNoneMatch).stream()
            .map(tag -> tag.startsWith(WEAK) ? tag.substring(WEAK.length()) : tag)
            .anyMatch(of(revision)::equals);
  }

  private static long revision(String tag) {
    String text = tag.substring(1, tag.length() - 1);
    boolean digits =
        !text.isEmpty()
            && text.length() <= DIGITS_MAX
            && text.chars().allMatch(c -> c >= '0' && c <= '9')
            && (text.length() == 1 || text.charAt(0) != '0');
    return digits ? Long.parseLong(text) : NO_REVISION;
  }

  private static List<String> tags(String header) {
    var tags = new ArrayList<String>();
    for (int at = skipBlanks(header, 0); at < header.length(); at = skipBlanks(header, at)) {
      int open = header.startsWith(WEAK, at) ? at + WEAK.length() : at;
      int close = open < header.length() ? header.indexOf('"', open + 1) : -1;
      if (close < 0 || header.charAt(open) != '"') {
        throw invalid("An entity tag is a revision in quotes, like \"3\"");
      }
      tags.add(header.substring(at, close + 1));
      at = close + 1;
    }
    if (tags.isEmpty()) {
      throw invalid("The header names no entity tag");
    }
    return tags;
  }

  private static int skipBlanks(String header, int from) {
    int at = from;
    while (at < header.length() && " \t,".indexOf(header.charAt(at)) >= 0) {
      at++;
    }
    return at;
  }

  private static FreshetException invalid(String message) {
    return new FreshetException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
