// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.listen;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;

/// A compiled listen pattern: a JavaScript regular expression that matches anywhere in a name.
final class NamePattern {
  private static final int LENGTH_MAX = 512;
  private static final int PROGRAM_MAX = 1000;

  private final String text;
  private final Pattern pattern;

  private NamePattern(String text, Pattern pattern) {
    this.text = text;
    this.pattern = pattern;
  }

  /// @throws FreshetException `INVALID_PATTERN`
  static NamePattern compile(String text) {
    if (text.length() > LENGTH_MAX) {
      throw invalid("it is longer than " + LENGTH_MAX + " characters");
    }
    try {
      Pattern pattern = Pattern.compile(text);
      if (pattern.programSize() > PROGRAM_MAX) {
        throw invalid("it is too complex");
      }
      return new NamePattern(text, pattern);
    } catch (PatternSyntaxException e) {
      throw invalid(e.getDescription());
    }
  }

  private static FreshetException invalid(String why) {
    return new FreshetException(ErrorCode.INVALID_PATTERN, "The pattern cannot be used: " + why);
  }

  String text() {
    return text;
  }

  /// What every matching name begins with.
  String prefix() {
    return "";
  }

  boolean matches(String name) {
    return pattern.matcher(name).find();
  }

  /// Most steps that [#matches] takes.
  long cost(String name) {
    return 16 + (long) name.length() * pattern.programSize();
  }
}
