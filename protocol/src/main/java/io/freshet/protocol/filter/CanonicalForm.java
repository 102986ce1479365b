// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Brings equal filters into one form. Each step keeps all three truth values: negations move to
/// the conditions (De Morgan) and into orders, AND in AND and OR in OR are one, parts are sorted
/// and none is there twice, several demands on the values of one field become one, constants
/// vanish.
///
/// @param node the filter
/// @param text its spelling: equal texts are equal filters
/// @param parts of the outermost AND or OR
record CanonicalForm(Node node, String text, List<CanonicalForm> parts) {
  private static final CanonicalForm TRUE = new CanonicalForm(Node.TRUE, "true", List.of());
  private static final CanonicalForm FALSE = new CanonicalForm(Node.FALSE, "false", List.of());

  static CanonicalForm of(Node node) {
    return of(node, false);
  }

  private static CanonicalForm of(Node node, boolean negated) {
    return switch (node) {
      case Node.Constant(boolean holds) -> holds == negated ? FALSE : TRUE;
      case Node.Not(Node part) -> of(part, !negated);
      case Node.All(List<Node> parts) -> combined(parts, negated, !negated);
      case Node.Any(List<Node> parts) -> combined(parts, negated, negated);
      case Condition condition -> ofCondition(condition, negated);
    };
  }

  private static CanonicalForm combined(List<Node> nodes, boolean negated, boolean all) {
    var parts = new TreeMap<String, CanonicalForm>();
    var values = new Demands(all);
    for (Node node : nodes) {
      CanonicalForm form = of(node, negated);
      boolean same = all ? form.node instanceof Node.All : form.node instanceof Node.Any;
      for (CanonicalForm part : same ? form.parts : List.of(form)) {
        if (part.node instanceof Node.Constant(boolean holds)) {
          if (holds != all) {
            return part;
          }
        } else if (!values.take(part.node)) {
          parts.put(part.text, part);
        }
      }
    }
    values.forms().forEach(form -> parts.put(form.text, form));
    return joined(parts.values(), all);
  }

  private static CanonicalForm joined(Collection<CanonicalForm> forms, boolean all) {
    if (forms.isEmpty()) {
      return all ? TRUE : FALSE;
    }
    if (forms.size() == 1) {
      return forms.iterator().next();
    }
    var nodes = new ArrayList<Node>();
    var text = new StringBuilder(all ? "AND(" : "OR(");
    for (CanonicalForm form : forms) {
      text.append(nodes.isEmpty() ? "" : ", ").append(form.text);
      nodes.add(form.node);
    }
    Node node = all ? new Node.All(nodes) : new Node.Any(nodes);
    return new CanonicalForm(node, text.append(')').toString(), List.copyOf(forms));
  }

  private static CanonicalForm ofCondition(Condition condition, boolean negated) {
    Condition asked = negated ? opposite(condition) : condition;
    var text = new StringBuilder();
    if (asked != null) {
      render(asked, text);
      return new CanonicalForm(asked, text.toString(), List.of());
    }
    render(condition, text.append("NOT "));
    return new CanonicalForm(new Node.Not(condition), text.toString(), List.of());
  }

  /// The condition that holds exactly where this one does not, and is as unknown; null when there
  /// is none of its own.
  private static @Nullable Condition opposite(Condition condition) {
    return switch (condition) {
      case Condition.Compared(Field field, Relation relation, Object to) when relation.isOrder() ->
          new Condition.Compared(field, relation.opposite(), to);
      case Condition.ComparedFields(Field field, Relation relation, Field to)
          when relation.isOrder() ->
          new Condition.ComparedFields(field, relation.opposite(), to);
      case Condition other -> null;
    };
  }

  /// What the parts of one AND or OR demand of the values of fields, so that `a = 1 OR a = 2` and
  /// `a IN (1, 2)` are one filter.
  private static final class Demands {
    private final boolean all;
    private final Map<Field, Set<Object>> wanted = new LinkedHashMap<>();
    private final Map<Field, Set<Object>> unwanted = new LinkedHashMap<>();

    Demands(boolean all) {
      this.all = all;
    }

    boolean take(Node part) {
      if (part instanceof Condition.OneOf(Field field, Set<Object> values)) {
        join(wanted, field, values, !all);
        return true;
      }
      if (part instanceof Node.Not(Condition.OneOf(Field field, Set<Object> values))) {
        join(unwanted, field, values, all);
        return true;
      }
      return false;
    }

    private static void join(
        Map<Field, Set<Object>> into, Field field, Set<Object> values, boolean union) {
      Set<Object> known = into.putIfAbsent(field, new HashSet<>(values));
      if (known != null && union) {
        known.addAll(values);
      } else if (known != null) {
        known.retainAll(values);
      }
    }

    List<CanonicalForm> forms() {
      var forms = new ArrayList<CanonicalForm>();
      wanted.forEach(
          (field, values) -> forms.add(ofCondition(new Condition.OneOf(field, values), false)));
      unwanted.forEach(
          (field, values) -> forms.add(ofCondition(new Condition.OneOf(field, values), true)));
      return forms;
    }
  }

  private static void render(Condition condition, StringBuilder to) {
    condition.field().render(to);
    switch (condition) {
      case Condition.OneOf(Field field, Set<Object> values) -> renderSet(" in ", values, to);
      case Condition.IsNull isNull -> to.append(" is null");
      case Condition.IsSet isSet -> to.append(" is set");
      case Condition.Compared(Field field, Relation relation, Object value) -> {
        to.append(' ').append(relation.sign()).append(' ');
        Values.render(value, to);
      }
      case Condition.ComparedFields(Field field, Relation relation, Field other) -> {
        to.append(' ').append(relation.sign()).append(' ');
        other.render(to);
      }
      case Condition.HasEvery(Field field, Set<Object> values) -> renderSet(" has ", values, to);
      case Condition.HasSome(Field field, Set<Object> values) -> renderSet(" hasSome ", values, to);
      case Condition.IsList(Field field, List<Object> values) -> {
        to.append(" = [");
        for (Object value : values) {
          Values.render(value, to);
          to.append(',');
        }
        to.append(']');
      }
      case Condition.HasAtEnd(Field field, boolean last, Object value) -> {
        to.append(last ? " ends with " : " begins with ");
        Values.render(value, to);
      }
    }
  }

  private static void renderSet(String sign, Set<Object> values, StringBuilder to) {
    var texts = new TreeSet<String>();
    for (Object value : values) {
      var text = new StringBuilder();
      Values.render(value, text);
      texts.add(text.toString());
    }
    to.append(sign).append(texts);
  }
}
