// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.freshet.protocol.DocumentKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The names an entry of the file is for: `*` stands for any characters, `$name` for those of one
/// segment, which rules see as a variable; everything else is a regular expression that has to
/// match the whole name. Immutable.
final class PathPattern {
  static final String EVERYTHING = "*";
  static final int LENGTH_MAX = 512;

  /// What means something else than itself.
  private static final String SPECIAL = "*$.[](){}+?|^\\";

  private final String text;

  /// What names are compared with.
  private final String fitting;

  private final List<String> variables;
  private final Pattern pattern;
  private final String prefix;

  /// Whether names are those of documents, with their collection in front, whatever that is.
  private final boolean ofDocuments;

  private PathPattern(
      String text, String fitting, List<String> variables, Pattern pattern, boolean ofDocuments) {
    this.text = text;
    this.fitting = fitting;
    this.variables = List.copyOf(variables);
    this.pattern = pattern;
    this.prefix = prefixOf(fitting);
    this.ofDocuments = ofDocuments;
  }

  /// For names of documents, `collection/id`. A path without `/` is for a whole collection.
  ///
  /// @throws RuleException if it is no path
  static PathPattern ofDocuments(String text) {
    boolean whole = !text.isEmpty() && text.indexOf('/') < 0 && !text.equals(EVERYTHING);
    return of(text, whole ? text + "/*" : text, true);
  }

  /// For names of the collections that a path for documents is about.
  ///
  /// @throws RuleException if what stands before the first `/` is no path by itself
  static PathPattern ofCollections(String text) {
    int slash = text.indexOf('/');
    return of(text, slash < 0 ? text : text.substring(0, slash), true);
  }

  /// Whether the path is for whole collections, as far as one can tell.
  static boolean isOfCollections(String text) {
    String behind = text.substring(text.indexOf('/') + 1);
    return text.indexOf('/') < 0 || behind.equals(EVERYTHING) || behind.matches("\\$[A-Za-z0-9]+");
  }

  /// @throws RuleException if it is no path
  static PathPattern of(String text) {
    return of(text, text, false);
  }

  private static PathPattern of(String text, String fitting, boolean ofDocuments) {
    if (text.isEmpty()) {
      throw new RuleException("may not be empty");
    }
    if (text.length() > LENGTH_MAX) {
      throw new RuleException("is longer than " + LENGTH_MAX + " characters");
    }
    if (text.startsWith("/")) {
      throw new RuleException("may not begin with a /");
    }
    var variables = new ArrayList<String>();
    String expression = expression(fitting, variables);
    try {
      Pattern pattern = Pattern.compile(expression, Pattern.DOTALL);
      return new PathPattern(text, fitting, variables, pattern, ofDocuments);
    } catch (PatternSyntaxException e) {
      throw new RuleException(
          "cannot be used as a regular expression: %s (look-around and back references are not"
                  .formatted(e.getDescription())
              + " there)");
    }
  }

  private static String expression(String text, List<String> variables) {
    var expression = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int end = i + 1;
      while (c == '$' && end < text.length() && isLetterOrDigit(text.charAt(end))) {
        end++;
      }
      if (c == '*') {
        expression.append(".*");
      } else if (end > i + 1) {
        expression.append("(?P<v").append(variables.size()).append(">[^/]+)");
        variables.add(text.substring(i, end));
        i = end - 1;
      } else if (c == '$' && end < text.length()) {
        throw new RuleException("has a $ that no letter or digit follows; variables are like $id");
      } else {
        expression.append(c);
      }
    }
    return expression.toString();
  }

  private static boolean isLetterOrDigit(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
  }

  /// What every name begins with that the path is for.
  private static String prefixOf(String text) {
    int end = 0;
    while (end < text.length() && SPECIAL.indexOf(text.charAt(end)) < 0) {
      end++;
    }
    if (text.indexOf('|') >= 0) {
      return "";
    }
    // The last character may be one that an operator makes optional.
    boolean repeated = end < text.length() && "*?{+".indexOf(text.charAt(end)) >= 0;
    boolean star = repeated && text.charAt(end) == '*';
    return text.substring(0, repeated && !star ? Math.max(0, end - 1) : end);
  }

  String text() {
    return text;
  }

  /// Their names, each with its `$`.
  List<String> variables() {
    return variables;
  }

  boolean isEverything() {
    return fitting.equals(EVERYTHING);
  }

  /// What the variables stand for in this name; null if the path is not for it.
  @Nullable Map<String, String> match(String name) {
    if (isEverything()) {
      return Map.of();
    }
    Matcher matcher = pattern.matcher(name);
    if (!matcher.matches()) {
      return null;
    }
    if (variables.isEmpty()) {
      return Map.of();
    }
    var values = new LinkedHashMap<String, String>();
    for (int i = 0; i < variables.size(); i++) {
      String value = matcher.group("v" + i);
      if (value != null) {
        values.put(variables.get(i), value);
      }
    }
    return values;
  }

  /// Whether the path may be for a document of this collection.
  ///
  /// @param collection null for any
  boolean mayConcern(@Nullable String collection) {
    if (collection == null || isEverything()) {
      return true;
    }
    if (ofDocuments || !collection.equals(DocumentKey.UNNAMED)) {
      String begin = collection + "/";
      return begin.startsWith(prefix) || prefix.startsWith(begin);
    }
    int slash = prefix.indexOf('/');
    String before = prefix.substring(0, Math.max(0, slash));
    if (before.equals(DocumentKey.UNNAMED) || !DocumentKey.isCollection(before)) {
      return true;
    }
    // Of the names that begin so, only the one that ends there has no collection.
    return slash == prefix.length() - 1 && match(prefix) != null;
  }

  /// Whether the path is for every document of this collection.
  ///
  /// @param collection null for all of them
  boolean concernsAll(@Nullable String collection) {
    return isEverything()
        || collection != null
            && (ofDocuments || !collection.equals(DocumentKey.UNNAMED))
            && prefix.equals(collection + "/")
            && fitting.equals(prefix + "*");
  }
}
