// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.Principal;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mozilla.javascript.RhinoException;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Undefined;

/// Runs rules: the scope they see is this object, and holds nothing else than what is listed in
/// [#member]; not even JavaScript's own objects. Reused from run to run.
///
/// Threading: one thread.
final class Run extends View {
  /// Names that Rhino looks up to find what text has for members.
  private static final String TEXT_CLASS = "String";

  private static final Situation NOWHERE =
      new Situation(
          RuleKind.ALLOW,
          new Principal("", JsonObject.empty(), null),
          null,
          null,
          null,
          Map.of(),
          null,
          null,
          0,
          Map.of());

  private final Sandbox sandbox = new Sandbox(this::instructions);
  private final Budget budget = new Budget();
  private final Values values = new Values(budget);
  private final Map<String, Object> fixed = new HashMap<>();

  private Situation situation = NOWHERE;
  private List<RuleRegex> regexes = List.of();
  private final Map<String, Object> seen = new HashMap<>();
  private final List<DocumentKey> needs = new ArrayList<>();

  /// What a rule is asked about.
  ///
  /// @param name null for none
  /// @param collection of the document or stream, where the rule may look at it
  /// @param id of the document, likewise
  /// @param variables of the path
  /// @param data null for none
  /// @param oldData null if there is no document
  record Situation(
      RuleKind kind,
      Principal principal,
      @Nullable String name,
      @Nullable String collection,
      @Nullable String id,
      Map<String, String> variables,
      @Nullable JsonValue data,
      @Nullable JsonValue oldData,
      long nowMs,
      Map<DocumentKey, Document> loaded) {}

  Run() {
    fixed.put("undefined", Undefined.instance);
    fixed.put("NaN", Double.NaN);
    fixed.put("Infinity", Double.POSITIVE_INFINITY);
    fixed.put(Variables.REFERENCE, new Method((_, given) -> reference(given)));
    fixed.put(RuleText.ADD, new Method((_, given) -> sum(given[0], given[1])));
    fixed.put(RuleText.LIST, new Method((_, given) -> values.list(Arrays.asList(given))));
    fixed.put(RuleText.REGEX, new Method((_, given) -> regex(given)));
    fixed.put(TEXT_CLASS, Values.members(Map.of("prototype", values.textPrototype())));
  }

  /// What the rule says; documents it refers to that are not loaded are asked for first. What it
  /// says or throws until then does not count.
  GuardAnswer ask(Rule.Expression rule, Situation asked) {
    situation = asked;
    regexes = rule.regexes();
    seen.clear();
    needs.clear();
    budget.reset();
    GuardAnswer answer = run(rule);
    situation = NOWHERE;
    seen.clear();
    return needs.isEmpty() ? answer : new GuardAnswer.Needs(List.copyOf(needs));
  }

  private GuardAnswer run(Rule.Expression rule) {
    try {
      boolean allows = sandbox.run(rule.script(), this);
      return allows ? GuardAnswer.Allow.ALLOW : GuardAnswer.Deny.DENY;
    } catch (RhinoException e) {
      return new GuardAnswer.Failed(e.details());
    } catch (Budget.UsedUp | RuleException e) {
      return new GuardAnswer.Failed(String.valueOf(e.getMessage()));
    } catch (StackOverflowError e) {
      return new GuardAnswer.Failed("it is nested too deeply");
    } catch (RuntimeException e) {
      // Nothing that a rule does may end the engine.
      return new GuardAnswer.Failed("it could not be run: " + e);
    }
  }

  private void instructions(int count) {
    budget.spend(count);
  }

  @Override
  Object member(String name) {
    Object constant = fixed.get(name);
    if (constant != null) {
      return constant;
    }
    return switch (name) {
      case Variables.USER -> seen.computeIfAbsent(name, _ -> user());
      case Variables.DATA -> once(name, situation.data());
      case Variables.OLD_DATA -> once(name, situation.oldData());
      case Variables.NOW -> (double) situation.nowMs();
      case Variables.ACTION -> situation.kind().action();
      case Variables.NAME -> orUndefined(situation.name());
      case Variables.COLLECTION, Variables.SERVICE -> orUndefined(situation.collection());
      case Variables.ID -> orUndefined(situation.id());
      default -> name.startsWith("$") ? orUndefined(situation.variables().get(name)) : NOT_FOUND;
    };
  }

  private static Object orUndefined(@Nullable String text) {
    return text == null ? Undefined.instance : text;
  }

  /// The same object each time it is asked for.
  private Object once(String name, @Nullable JsonValue value) {
    if (value == null) {
      return absent(name);
    }
    return value.isContainer()
        ? seen.computeIfAbsent(name, _ -> values.of(value))
        : values.of(value);
  }

  /// A document that is not there is null, what an event does not carry is undefined.
  private Object absent(String name) {
    boolean isDocument =
        switch (situation.kind().section()) {
          case RECORD, SYNC, STREAM -> true;
          case EVENT, RPC, PRESENCE -> false;
        };
    return isDocument || name.equals(Variables.OLD_DATA) ? Values.none() : Undefined.instance;
  }

  private View user() {
    Principal principal = situation.principal();
    return Values.members(
        Map.of(
            "id",
            principal.id(),
            "isAuthenticated",
            !principal.id().equals("open"),
            "data",
            values.of(principal.serverData())));
  }

  /// `_(name)`: the data of another record, null if there is none. What is not loaded yet is
  /// undefined in this run, which then does not count.
  private Object reference(Object[] given) {
    Object wanted = given.length > 0 ? ScriptRuntime.toPrimitive(given[0]) : Undefined.instance;
    String name = wanted instanceof CharSequence text ? text.toString() : "undefined";
    if (name.contains("undefined")) {
      return Undefined.instance;
    }
    DocumentKey key;
    try {
      key = DocumentKey.ofRecordName(name);
    } catch (FreshetException e) {
      return Values.none();
    }
    Document document = situation.loaded().get(key);
    if (document == null) {
      needs.add(key);
      return Undefined.instance;
    }
    return document.isRecord()
        ? seen.computeIfAbsent("_/" + name, _ -> values.of(document.data()))
        : Values.none();
  }

  private Object sum(Object left, Object right) {
    Object first = ScriptRuntime.toPrimitive(left);
    Object second = ScriptRuntime.toPrimitive(right);
    if (first instanceof CharSequence || second instanceof CharSequence) {
      String begin = ScriptRuntime.toString(first);
      String end = ScriptRuntime.toString(second);
      budget.make((long) begin.length() + end.length());
      return begin + end;
    }
    return ScriptRuntime.toNumber(first) + ScriptRuntime.toNumber(second);
  }

  private Object regex(Object[] given) {
    return new TextMethods.Pattern(regexes.get((int) ScriptRuntime.toInteger(given[0])));
  }
}
