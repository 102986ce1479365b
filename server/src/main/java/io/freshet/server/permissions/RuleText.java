// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.mozilla.javascript.CompilerEnvirons;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.EvaluatorException;
import org.mozilla.javascript.Parser;
import org.mozilla.javascript.Token;
import org.mozilla.javascript.ast.ArrayLiteral;
import org.mozilla.javascript.ast.AstNode;
import org.mozilla.javascript.ast.AstRoot;
import org.mozilla.javascript.ast.ConditionalExpression;
import org.mozilla.javascript.ast.ElementGet;
import org.mozilla.javascript.ast.ExpressionStatement;
import org.mozilla.javascript.ast.FunctionCall;
import org.mozilla.javascript.ast.InfixExpression;
import org.mozilla.javascript.ast.KeywordLiteral;
import org.mozilla.javascript.ast.Name;
import org.mozilla.javascript.ast.NewExpression;
import org.mozilla.javascript.ast.NumberLiteral;
import org.mozilla.javascript.ast.ParenthesizedExpression;
import org.mozilla.javascript.ast.PropertyGet;
import org.mozilla.javascript.ast.RegExpLiteral;
import org.mozilla.javascript.ast.StringLiteral;
import org.mozilla.javascript.ast.TemplateCharacters;
import org.mozilla.javascript.ast.TemplateLiteral;
import org.mozilla.javascript.ast.UnaryExpression;

/// Checks what a rule is made of, and writes it anew. Only what is listed here comes through:
/// literals, operators without side effects, the known variables, members, and calls of the known
/// methods. There are no loops, functions, assignments or objects to make, so the time a rule takes
/// is bounded by its length and by what the methods take, which count it.
///
/// In the new text, additions (they can make long text), lists and regular expressions are calls of
/// functions that only this class can name: a rule's own names hold no `$$`.
final class RuleText {
  static final String ADD = "$$add";
  static final String LIST = "$$list";
  static final String REGEX = "$$regex";
  static final int LENGTH_MAX = 4000;
  private static final int DEPTH_MAX = 300;

  /// What may be called on text; the first two on lists, too.
  static final List<String> METHODS =
      List.of(
          "includes",
          "indexOf",
          "startsWith",
          "endsWith",
          "match",
          "toUpperCase",
          "toLowerCase",
          "trim");

  private static final Set<Integer> INFIX =
      Set.of(
          Token.SUB,
          Token.MUL,
          Token.DIV,
          Token.MOD,
          Token.EXP,
          Token.LT,
          Token.GT,
          Token.LE,
          Token.GE,
          Token.EQ,
          Token.NE,
          Token.SHEQ,
          Token.SHNE,
          Token.AND,
          Token.OR,
          Token.NULLISH_COALESCING,
          Token.IN,
          Token.BITAND,
          Token.BITOR,
          Token.BITXOR,
          Token.LSH,
          Token.RSH,
          Token.URSH);

  private final Variables variables;
  private final StringBuilder out = new StringBuilder();
  private final List<RuleRegex> regexes = new ArrayList<>();
  private final Set<String> used = new HashSet<>();
  private int depth;

  /// A rule that may be run.
  ///
  /// @param source the text written anew
  /// @param regexes by the number `$$regex` is called with
  /// @param used the names in it, `_` included
  record Checked(String source, List<RuleRegex> regexes, Set<String> used) {
    Checked {
      regexes = List.copyOf(regexes);
      used = Set.copyOf(used);
    }
  }

  private RuleText(Variables variables) {
    this.variables = variables;
  }

  /// @throws RuleException if the rule may not be used
  static Checked check(String text, Variables variables) {
    if (text.isBlank()) {
      throw new RuleException("may not be empty");
    }
    if (text.length() > LENGTH_MAX) {
      throw new RuleException("is longer than " + LENGTH_MAX + " characters");
    }
    var checking = new RuleText(variables);
    try {
      checking.write(parse(text));
    } catch (StackOverflowError e) {
      throw nestedTooDeeply();
    }
    return new Checked(checking.out.toString(), checking.regexes, checking.used);
  }

  private static RuleException nestedTooDeeply() {
    return new RuleException("is nested too deeply");
  }

  /// The parentheses make it an expression. They also must be the outermost ones: "a) || (b" would
  /// be an expression with them and is none without.
  private static AstNode parse(String text) {
    String enclosed = "(" + text + "\n)";
    var environment = new CompilerEnvirons();
    environment.setLanguageVersion(Context.VERSION_ES6);
    AstRoot root;
    try {
      root = new Parser(environment).parse(enclosed, "rule", 1);
    } catch (EvaluatorException e) {
      throw new RuleException("is no expression of JavaScript: " + e.details());
    }
    if (root.getFirstChild().equals(root.getLastChild())
        && root.getFirstChild() instanceof ExpressionStatement statement
        && statement.getExpression() instanceof ParenthesizedExpression outermost
        && outermost.getAbsolutePosition() == 0
        && outermost.getLength() == enclosed.length()) {
      return outermost.getExpression();
    }
    throw new RuleException("must be one expression of JavaScript");
  }

  private void write(AstNode node) {
    if (++depth > DEPTH_MAX) {
      throw nestedTooDeeply();
    }
    switch (node) {
      case ParenthesizedExpression inner -> {
        out.append('(');
        write(inner.getExpression());
        out.append(')');
      }
      case NumberLiteral number -> writeNumber(number);
      case StringLiteral text -> writeText(text.getValue());
      case TemplateLiteral template -> writeTemplate(template);
      case RegExpLiteral regex -> writeRegex(regex);
      case KeywordLiteral keyword -> writeKeyword(keyword);
      case Name name -> writeName(name.getIdentifier());
      case UnaryExpression unary -> writeUnary(unary);
      case PropertyGet member -> writeMember(member);
      case InfixExpression infix -> writeInfix(infix);
      case ConditionalExpression choice -> writeChoice(choice);
      case ElementGet element -> writeElement(element);
      case ArrayLiteral list -> writeList(list);
      case NewExpression _ -> throw new RuleException("may not make objects (new)");
      case FunctionCall call -> writeCall(call);
      default -> throw notAllowed(node);
    }
    depth--;
  }

  private static RuleException notAllowed(AstNode node) {
    String what = node.toSource().strip();
    String shown = what.length() > 60 ? what.substring(0, 60) + "…" : what;
    return new RuleException(
        "may not hold \"%s\": only comparisons, arithmetic, members and calls of %s are allowed"
            .formatted(shown, String.join(", ", METHODS)));
  }

  private void writeNumber(NumberLiteral number) {
    double value = number.getNumber();
    out.append(Double.isInfinite(value) ? "Infinity" : Double.toString(value));
  }

  private void writeText(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\' || c < ' ' || c > '~') {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  private void writeTemplate(TemplateLiteral template) {
    List<AstNode> parts = template.getElements();
    if (parts.size() > DEPTH_MAX) {
      throw nestedTooDeeply();
    }
    // As `"" + first + second …`, from the left.
    out.append((ADD + "(").repeat(parts.size())).append("\"\"");
    for (AstNode part : parts) {
      out.append(',');
      if (part instanceof TemplateCharacters characters) {
        writeText(characters.getValue());
      } else {
        write(part);
      }
      out.append(')');
    }
  }

  private void writeRegex(RegExpLiteral regex) {
    String flags = regex.getFlags();
    regexes.add(RuleRegex.of(regex.getValue(), flags == null ? "" : flags));
    out.append(REGEX).append('(').append(regexes.size() - 1).append(')');
  }

  private void writeKeyword(KeywordLiteral keyword) {
    switch (keyword.getType()) {
      case Token.TRUE -> out.append("true");
      case Token.FALSE -> out.append("false");
      case Token.NULL -> out.append("null");
      case Token.UNDEFINED -> out.append("undefined");
      default -> throw notAllowed(keyword);
    }
  }

  private void writeName(String name) {
    variables.check(name);
    used.add(name);
    out.append(name);
  }

  private void writeUnary(UnaryExpression unary) {
    String operator =
        switch (unary.getOperator()) {
          case Token.NOT -> "!";
          case Token.NEG -> "-";
          case Token.POS -> "+";
          case Token.BITNOT -> "~";
          case Token.TYPEOF -> "typeof ";
          case Token.VOID -> "void ";
          default -> throw notAllowed(unary);
        };
    out.append('(').append(operator).append('(');
    write(unary.getOperand());
    out.append("))");
  }

  private void writeInfix(InfixExpression infix) {
    int operator = infix.getOperator();
    boolean addition = operator == Token.ADD;
    if (!addition && !INFIX.contains(operator)) {
      throw notAllowed(infix);
    }
    out.append(addition ? ADD : "").append('(');
    write(infix.getLeft());
    out.append(addition ? "," : " " + AstNode.operatorToString(operator) + " ");
    write(infix.getRight());
    out.append(')');
  }

  private void writeChoice(ConditionalExpression choice) {
    out.append('(');
    write(choice.getTestExpression());
    out.append(" ? ");
    write(choice.getTrueExpression());
    out.append(" : ");
    write(choice.getFalseExpression());
    out.append(')');
  }

  private void writeMember(PropertyGet member) {
    writeTarget(member.getTarget());
    out.append(member.getType() == Token.QUESTION_DOT ? "?." : ".");
    out.append(member.getProperty().getIdentifier());
  }

  /// A number's dot would be its decimal point. A chain of members stays one: where `?.` stops, it
  /// stops all of it.
  private void writeTarget(AstNode target) {
    boolean plain =
        target instanceof Name
            || target instanceof PropertyGet
            || target instanceof ElementGet
            || target instanceof FunctionCall;
    out.append(plain ? "" : "(");
    write(target);
    out.append(plain ? "" : ")");
  }

  private void writeElement(ElementGet element) {
    writeTarget(element.getTarget());
    out.append(element.getType() == Token.QUESTION_DOT ? "?.[" : "[");
    write(element.getElement());
    out.append(']');
  }

  private void writeList(ArrayLiteral list) {
    out.append(LIST).append('(');
    writeAll(list.getElements());
    out.append(')');
  }

  private void writeAll(List<AstNode> nodes) {
    for (int i = 0; i < nodes.size(); i++) {
      out.append(i == 0 ? "" : ",");
      write(nodes.get(i));
    }
  }

  private void writeCall(FunctionCall call) {
    switch (call.getTarget()) {
      case Name name when name.getIdentifier().equals(Variables.REFERENCE) -> {
        used.add(Variables.REFERENCE);
        out.append(Variables.REFERENCE);
      }
      case PropertyGet member when METHODS.contains(member.getProperty().getIdentifier()) ->
          writeMember(member);
      default ->
          throw new RuleException(
              "calls %s; only these may be called: _, %s"
                  .formatted(call.getTarget().toSource(), String.join(", ", METHODS)));
    }
    out.append(call.isOptionalCall() ? "?.(" : "(");
    writeAll(call.getArguments());
    out.append(')');
  }
}
