// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Undefined;

/// The methods of text that rules may call, as JavaScript has them. Stateless.
final class TextMethods {
  /// What it costs to read a regular expression that is no literal of the rule.
  private static final int COMPILING_UNITS = 20_000;

  private TextMethods() {}

  /// What a method does with the text it is called on.
  private interface OnText {
    Object call(String text, Object[] arguments);
  }

  static Map<String, Method> all(Values values, Budget budget) {
    var all = new HashMap<String, Method>();
    add(all, "startsWith", budget, (text, given) -> startsWith(text, given));
    add(all, "endsWith", budget, (text, given) -> endsWith(text, given));
    add(all, "includes", budget, (text, given) -> indexOf(text, given, budget) >= 0);
    add(all, "indexOf", budget, (text, given) -> indexOf(text, given, budget));
    add(all, "match", budget, (text, given) -> match(text, given, values, budget));
    add(all, "toUpperCase", budget, (text, _) -> made(text.toUpperCase(Locale.ROOT), budget));
    add(all, "toLowerCase", budget, (text, _) -> made(text.toLowerCase(Locale.ROOT), budget));
    add(all, "trim", budget, (text, _) -> made(trimmed(text), budget));
    return all;
  }

  private static void add(Map<String, Method> all, String name, Budget budget, OnText method) {
    all.put(
        name,
        new Method((target, arguments) -> {
          if (!target.getClassName().equals("String")) {
            throw new RuleException("calls " + name + " on something that is no text");
          }
          String text = target.toString();
          budget.search(text.length());
          return method.call(text, arguments);
        }));
  }

  private static String made(String text, Budget budget) {
    budget.make(text.length());
    return text;
  }

  private static Object argument(Object[] arguments, int index) {
    return index < arguments.length ? arguments[index] : Undefined.instance;
  }

  private static String text(Object[] arguments) {
    Object first = argument(arguments, 0);
    if (first instanceof Pattern) {
      throw new RuleException("has a regular expression where text must be");
    }
    return ScriptRuntime.toString(first);
  }

  /// A place in the text; the second argument.
  private static int place(Object[] arguments, int length, int absent) {
    Object second = argument(arguments, 1);
    return Undefined.isUndefined(second)
        ? absent
        : (int) Math.clamp(ScriptRuntime.toInteger(second), 0, length);
  }

  private static boolean startsWith(String text, Object[] arguments) {
    return text.startsWith(text(arguments), place(arguments, text.length(), 0));
  }

  private static boolean endsWith(String text, Object[] arguments) {
    int end = place(arguments, text.length(), text.length());
    String wanted = text(arguments);
    int from = end - wanted.length();
    return from >= 0 && text.startsWith(wanted, from);
  }

  /// The search takes at most as many steps as both lengths multiplied; in practice their sum.
  private static int indexOf(String text, Object[] arguments, Budget budget) {
    String wanted = text(arguments);
    budget.spend(Math.min(wanted.length(), 64L) * text.length() / 64);
    return text.indexOf(wanted, place(arguments, text.length(), 0));
  }

  private static Object match(String text, Object[] arguments, Values values, Budget budget) {
    Object wanted = argument(arguments, 0);
    budget.spend(wanted instanceof Pattern ? 0 : COMPILING_UNITS);
    RuleRegex regex =
        wanted instanceof Pattern literal
            ? literal.regex
            : RuleRegex.of(Undefined.isUndefined(wanted) ? "" : ScriptRuntime.toString(wanted), "");
    List<@Nullable String> found = regex.match(text, budget);
    if (found == null) {
      return Values.none();
    }
    var groups = new ArrayList<Object>();
    found.forEach(group -> groups.add(group == null ? Undefined.instance : group));
    return values.list(groups);
  }

  private static String trimmed(String text) {
    int from = 0;
    int end = text.length();
    while (from < end && isSpace(text.charAt(from))) {
      from++;
    }
    while (end > from && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(from, end);
  }

  private static boolean isSpace(char c) {
    return ScriptRuntime.isJSWhitespaceOrLineTerminator(c);
  }

  /// A regular expression as a value.
  static final class Pattern extends View {
    private final RuleRegex regex;

    Pattern(RuleRegex regex) {
      this.regex = regex;
    }

    @Override
    Object member(String name) {
      return NOT_FOUND;
    }
  }
}
