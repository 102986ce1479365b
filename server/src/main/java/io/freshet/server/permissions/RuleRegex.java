// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.freshet.engine.pattern.NamePattern;
import io.freshet.protocol.error.FreshetException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A regular expression in JavaScript's syntax that a rule matches text with, in linear time.
/// Immutable.
final class RuleRegex {
  private static final String HEX4 = "[0-9A-Fa-f]{4}";

  private final Pattern pattern;
  private final boolean all;

  private RuleRegex(Pattern pattern, boolean all) {
    this.pattern = pattern;
    this.all = all;
  }

  /// @param flags any of `i`, `m`, `s`, `g` and `u`
  /// @throws RuleException if it cannot be used
  static RuleRegex of(String text, String flags) {
    int options = 0;
    for (int i = 0; i < flags.length(); i++) {
      char flag = flags.charAt(i);
      options |=
          switch (flag) {
            case 'i' -> Pattern.CASE_INSENSITIVE;
            case 'm' -> Pattern.MULTILINE;
            case 's' -> Pattern.DOTALL;
            case 'g', 'u' -> 0;
            default ->
                throw new RuleException(
                    "has a regular expression with the flag %s; there may be i, m, s, g and u"
                        .formatted(flag));
          };
    }
    try {
      // Bounds its length and its size, and refuses what is no JavaScript.
      NamePattern.compile(text);
      return new RuleRegex(Pattern.compile(translated(text), options), flags.indexOf('g') >= 0);
    } catch (FreshetException e) {
      throw new RuleException("has a regular expression that cannot be used: " + e.getMessage());
    } catch (PatternSyntaxException e) {
      throw new RuleException(
          "has a regular expression that cannot be used: %s (look-around and back references are"
                  .formatted(e.getDescription())
              + " not there)");
    }
  }

  /// The same in RE2's syntax.
  private static String translated(String text) {
    var out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && i + 1 < text.length()) {
        i = escape(text, i + 1, out);
      } else if (c == '(' && text.startsWith("?<", i + 1) && isName(text, i + 3)) {
        out.append("(?P<");
        i += 2;
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  private static boolean isName(String text, int at) {
    return at < text.length() && text.charAt(at) != '=' && text.charAt(at) != '!';
  }

  /// @return the place of the escape's last character
  private static int escape(String text, int at, StringBuilder out) {
    char c = text.charAt(at);
    int end = at + 5;
    if (c == 'u' && end <= text.length() && text.substring(at + 1, end).matches(HEX4)) {
      out.append("\\x{").append(text, at + 1, end).append('}');
      return end - 1;
    }
    if (c == '/' || c == '-') {
      out.append(c == '/' ? "/" : "\\-");
    } else {
      out.append('\\').append(c);
    }
    return at;
  }

  /// What `text.match(this)` has found: the match and its groups, or with `g` all matches; null for
  /// nothing. A group that took no part is null.
  @Nullable List<@Nullable String> match(String text, Budget budget) {
    budget.spend((long) pattern.programSize() * (text.length() + 1));
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      return null;
    }
    var found = new ArrayList<@Nullable String>();
    if (!all) {
      for (int group = 0; group <= matcher.groupCount(); group++) {
        found.add(matcher.group(group));
      }
      return found;
    }
    do {
      found.add(matcher.group());
      budget.make(16);
    } while (matcher.find());
    return found;
  }
}
