// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.pattern;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.List;

/// Matching in linear time, by RE2/J. The expression is written anew in RE2's syntax, so that
/// nothing means something else there: ends of lines, white space, `$`, escapes.
final class Regular implements NamePattern.Matcher {
  private final Pattern pattern;

  private final long size;

  private Regular(Pattern pattern, long size) {
    this.pattern = pattern;
    this.size = size;
  }

  static Regular of(Node node) {
    var text = new StringBuilder();
    write(node, text);
    try {
      return new Regular(Pattern.compile(text.toString()), node.size());
    } catch (PatternSyntaxException e) {
      throw NamePattern.invalid(e.getDescription());
    }
  }

  @Override
  public NamePattern.Trial match(String name) {
    return NamePattern.Trial.of(pattern.matcher(name).find(), name.length() * size);
  }

  private static void write(Node node, StringBuilder text) {
    switch (node) {
      case Node.One(CodePoints set) -> text.append(set.render());
      case Node.Place place -> text.append(written(place));
      case Node.Sequence(List<Node> parts) -> parts.forEach(part -> write(part, text));
      case Node.Choice(List<Node> options) -> writeChoice(options, text);
      case Node.Group(int number, Node body) -> writeGrouped(body, text);
      case Node.Repeat repeat -> writeRepeat(repeat, text);
      case Node.Look look -> throw new IllegalArgumentException("not regular: " + look);
      case Node.BackReference to -> throw new IllegalArgumentException("not regular: " + to);
    }
  }

  private static String written(Node.Place place) {
    return switch (place) {
      case START -> "\\A";
      case END -> "\\z";
      case WORD_EDGE -> "\\b";
      case NOT_WORD_EDGE -> "\\B";
    };
  }

  private static void writeChoice(List<Node> options, StringBuilder text) {
    text.append("(?:");
    for (int i = 0; i < options.size(); i++) {
      text.append(i == 0 ? "" : "|");
      write(options.get(i), text);
    }
    text.append(')');
  }

  private static void writeGrouped(Node body, StringBuilder text) {
    text.append("(?:");
    write(body, text);
    text.append(')');
  }

  private static void writeRepeat(Node.Repeat repeat, StringBuilder text) {
    writeGrouped(repeat.body(), text);
    int min = repeat.min();
    int max = repeat.max();
    if (max < 0 && min <= 1) {
      text.append(min == 0 ? '*' : '+');
      return;
    }
    text.append('{').append(min);
    if (max != min) {
      text.append(',').append(max < 0 ? "" : Integer.toString(max));
    }
    text.append('}');
  }
}
