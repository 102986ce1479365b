// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.pattern;

import io.freshet.engine.pattern.Node.One;
import io.freshet.engine.pattern.Node.Place;
import io.freshet.engine.pattern.Node.Sequence;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.List;

/// A client's pattern for names: a JavaScript regular expression without flags that matches
/// anywhere in a name, as `new RegExp(text).test(name)` does.
///
/// Differences, on purpose: a character outside the basic plane is one character, not two halves,
/// and the escape with braces, `u{1F600}` behind a backslash, names one (both as with JavaScript's
/// `u` flag); patterns are bounded in length and in size; a pattern with look-around or back
/// references counts its steps and does not match a name when they are used up. Without those,
/// matching takes linear time.
///
/// Immutable; may be shared between threads.
public final class NamePattern {
  /// Longest pattern, in characters.
  public static final int LENGTH_MAX = 512;

  /// Most instructions, repetitions written out.
  static final int SIZE_MAX = 1000;

  private final String text;
  private final String prefix;
  private final boolean prefixSuffices;
  private final Matcher matcher;

  private NamePattern(String text, Node node) {
    this.text = text;
    if (node.size() > SIZE_MAX) {
      throw invalid("it is too complex; repeat less");
    }
    List<Node> parts = node instanceof Sequence(List<Node> all) ? all : List.of(node);
    int literals = literals(parts);
    this.prefix = prefix(parts, literals);
    this.prefixSuffices = new Sequence(parts.subList(literals, parts.size())).isOptional();
    this.matcher = node.isRegular() ? Regular.of(node) : Backtracking.of(node);
  }

  /// @throws FreshetException `INVALID_PATTERN`
  public static NamePattern compile(String text) {
    if (text.length() > LENGTH_MAX) {
      throw invalid("it is longer than " + LENGTH_MAX + " characters");
    }
    return new NamePattern(text, PatternReader.read(text));
  }

  static FreshetException invalid(String why) {
    return new FreshetException(
        ErrorCode.INVALID_PATTERN,
        "The pattern is not a regular expression that can be used: " + why);
  }

  /// How many parts at the beginning say literally what a name begins with.
  private static int literals(List<Node> parts) {
    if (parts.isEmpty() || parts.getFirst() != Place.START) {
      return 0;
    }
    int count = 1;
    while (count < parts.size() && parts.get(count) instanceof One one && one.set().only() >= 0) {
      count++;
    }
    return count;
  }

  private static String prefix(List<Node> parts, int literals) {
    var prefix = new StringBuilder();
    for (Node part : parts.subList(0, literals)) {
      if (part instanceof One one) {
        prefix.appendCodePoint(one.set().only());
      }
    }
    return prefix.toString();
  }

  /// As the client wrote it.
  public String text() {
    return text;
  }

  /// What every matching name begins with; empty if that is not known.
  public String prefix() {
    return prefix;
  }

  /// Tries the pattern on a name.
  public Trial match(String name) {
    if (!name.startsWith(prefix)) {
      return Trial.of(false, 1);
    }
    return prefixSuffices ? Trial.of(true, 1) : matcher.match(name);
  }

  /// Whether the pattern matches the name; false when that could not be found out.
  public boolean matches(String name) {
    return match(name).verdict() == Verdict.MATCHES;
  }

  /// What a trial found out.
  public enum Verdict {
    MATCHES,
    DIFFERS,
    /// The steps were used up.
    GIVEN_UP
  }

  /// @param steps what it took at most, in instructions of some nanoseconds each
  public record Trial(Verdict verdict, long steps) {
    static Trial of(boolean matches, long steps) {
      return new Trial(matches ? Verdict.MATCHES : Verdict.DIFFERS, steps);
    }
  }

  /// A way to match an expression anywhere in a name.
  sealed interface Matcher permits Regular, Backtracking {
    Trial match(String name);
  }
}
