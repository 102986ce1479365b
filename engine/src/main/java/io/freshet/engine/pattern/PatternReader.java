// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.pattern;

import io.freshet.engine.pattern.Node.BackReference;
import io.freshet.engine.pattern.Node.Choice;
import io.freshet.engine.pattern.Node.Group;
import io.freshet.engine.pattern.Node.Look;
import io.freshet.engine.pattern.Node.One;
import io.freshet.engine.pattern.Node.Place;
import io.freshet.engine.pattern.Node.Repeat;
import io.freshet.engine.pattern.Node.Sequence;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/// Reads the syntax of `new RegExp(text)`, the web's leniencies included (ECMAScript, annex B): a
/// brace that begins no quantifier and a lone closing bracket stand for themselves, `\8` is an 8,
/// and so on.
final class PatternReader {
  /// Parentheses within parentheses; reading and matching them takes the thread's stack.
  private static final int DEPTH_MAX = 50;

  private final Cursor cursor;
  private final SetReader sets;
  private final GroupNames groupNames;
  private int groups;
  private int depth;

  private PatternReader(String text) {
    this.cursor = new Cursor(text);
    this.sets = new SetReader(cursor);
    this.groupNames = GroupNames.in(text);
  }

  static Node read(String text) {
    var reader = new PatternReader(text);
    Node node = reader.choice();
    if (!reader.cursor.isAtEnd()) {
      throw NamePattern.invalid("a parenthesis is closed that is not open");
    }
    return node;
  }

  private Node choice() {
    var options = new ArrayList<Node>();
    do {
      options.add(sequence());
    } while (cursor.take("|"));
    return options.size() == 1 ? options.getFirst() : new Choice(options);
  }

  private Node sequence() {
    var parts = new ArrayList<Node>();
    while (!cursor.isAtEnd() && !cursor.sees("|") && !cursor.sees(")")) {
      parts.add(term());
    }
    return parts.size() == 1 ? parts.getFirst() : new Sequence(parts);
  }

  private Node term() {
    int firstGroup = groups + 1;
    Node atom = atom();
    Quantifier quantifier = quantifier();
    if (quantifier == null) {
      return atom;
    }
    if (atom instanceof Place || atom instanceof Look look && look.behind()) {
      throw NamePattern.invalid("there is nothing to repeat");
    }
    return new Repeat(
        atom, quantifier.min, quantifier.max, quantifier.lazy, firstGroup, groups + 1);
  }

  private record Quantifier(int min, int max, boolean lazy) {}

  private @Nullable Quantifier quantifier() {
    if (cursor.take("*")) {
      return new Quantifier(0, -1, cursor.take("?"));
    }
    if (cursor.take("+")) {
      return new Quantifier(1, -1, cursor.take("?"));
    }
    if (cursor.take("?")) {
      return new Quantifier(0, 1, cursor.take("?"));
    }
    return cursor.sees("{") ? counted() : null;
  }

  /// A quantifier in braces, or null (and nothing taken) when it is not one.
  private @Nullable Quantifier counted() {
    int start = cursor.at++;
    int min = cursor.takeNumber();
    int max = min;
    if (cursor.take(",")) {
      max = cursor.sees("}") ? Integer.MAX_VALUE : cursor.takeNumber();
    }
    if (min < 0 || max < 0 || !cursor.take("}")) {
      cursor.at = start;
      return null;
    }
    if (max < min) {
      throw NamePattern.invalid("the numbers of a quantifier are out of order");
    }
    return new Quantifier(
        Math.min(min, Node.REPEAT_MAX + 1), max > Node.REPEAT_MAX ? -1 : max, cursor.take("?"));
  }

  private Node atom() {
    int codePoint = cursor.take();
    return switch (codePoint) {
      case '^' -> Place.START;
      case '$' -> Place.END;
      case '.' -> new One(CodePoints.LINE_END.complement());
      case '(' -> parenthesis();
      case '[' -> new One(sets.set());
      case '\\' -> escape();
      case '*', '+', '?' -> throw NamePattern.invalid("there is nothing to repeat");
      case '{' -> brace();
      default -> new One(CodePoints.single(codePoint));
    };
  }

  private Node brace() {
    cursor.at--;
    if (counted() != null) {
      throw NamePattern.invalid("there is nothing to repeat");
    }
    cursor.at++;
    return new One(CodePoints.single('{'));
  }

  private Node parenthesis() {
    if (++depth > DEPTH_MAX) {
      throw NamePattern.invalid("parentheses are nested deeper than " + DEPTH_MAX);
    }
    Node node = opened();
    if (!cursor.take(")")) {
      throw NamePattern.invalid("a parenthesis is not closed");
    }
    depth--;
    return node;
  }

  private Node opened() {
    if (cursor.take("?:")) {
      return choice();
    }
    if (cursor.take("?=")) {
      return new Look(choice(), false, false);
    }
    if (cursor.take("?!")) {
      return new Look(choice(), false, true);
    }
    if (cursor.take("?<=")) {
      return new Look(choice(), true, false);
    }
    return cursor.take("?<!") ? new Look(choice(), true, true) : group();
  }

  private Node group() {
    if (cursor.take("?<")) {
      cursor.at = cursor.text.indexOf('>', cursor.at) + 1;
    } else if (cursor.sees("?")) {
      throw NamePattern.invalid("the kind of group is not known");
    }
    int number = ++groups;
    return new Group(number, choice());
  }

  private Node escape() {
    if (cursor.isAtEnd()) {
      throw NamePattern.invalid("it ends with a backslash");
    }
    char c = cursor.peek();
    if (c == 'b' || c == 'B') {
      cursor.at++;
      return c == 'b' ? Place.WORD_EDGE : Place.NOT_WORD_EDGE;
    }
    if (c == 'k' && !groupNames.isEmpty()) {
      cursor.at++;
      return namedReference();
    }
    if (c >= '1' && c <= '9') {
      int start = cursor.at;
      int number = cursor.takeNumber();
      if (number <= groupNames.count()) {
        return new BackReference(number);
      }
      cursor.at = start;
    }
    return new One(sets.escapedCharacters(false));
  }

  private Node namedReference() {
    int close = cursor.text.indexOf('>', cursor.at);
    Integer number =
        close < 0 || !cursor.take("<")
            ? null
            : groupNames.number(cursor.text.substring(cursor.at, close));
    if (number == null) {
      throw NamePattern.invalid("\\k refers to no group");
    }
    cursor.at = close + 1;
    return new BackReference(number);
  }
}
