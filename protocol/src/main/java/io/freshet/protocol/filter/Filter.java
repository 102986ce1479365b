// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/// A compiled filter. Immutable, safe to share between threads, equal to every filter that was
/// written differently but comes to the same conditions: order, nesting of AND and OR, repetition,
/// double negation and the notation it was read from make no difference. So equal filters of many
/// subscribers are one key of a map and tested once.
public final class Filter implements Comparable<Filter> {
  /// Lets every row through.
  public static final Filter ALL = of(Node.TRUE);

  private final Node node;
  private final String text;

  private Filter(Node node, String text) {
    this.node = node;
    this.text = text;
  }

  static Filter of(Node node) {
    CanonicalForm form = CanonicalForm.of(node);
    return new Filter(form.node(), form.text());
  }

  /// In canonical form.
  Node node() {
    return node;
  }

  /// What the filter says of the row. Throws nothing, whatever the row holds.
  public Ternary test(Row row) {
    return node.test(row);
  }

  /// Whether the row gets through: what the filter says of it is true, not merely unknown.
  public boolean matches(Row row) {
    return test(row) == Ternary.TRUE;
  }

  public Filter and(Filter other) {
    return of(new Node.All(List.of(node, other.node)));
  }

  public Filter or(Filter other) {
    return of(new Node.Any(List.of(node, other.node)));
  }

  /// Lets through what this one surely does not; neither lets through what is unknown.
  public Filter not() {
    return of(new Node.Not(node));
  }

  /// The members of a row's data that the filter looks at (the first key of each path), of the
  /// state now and of the one before. A source that knows some columns only refuses filters by
  /// this.
  public Set<String> members() {
    var members = new TreeSet<String>();
    forEachField(node, field -> field.path().stream().findFirst().ifPresent(members::add));
    return members;
  }

  /// Whether the filter looks at the state before the change.
  public boolean looksBack() {
    var sources = EnumSet.noneOf(Field.Source.class);
    forEachField(node, field -> sources.add(field.source()));
    return sources.contains(Field.Source.PREVIOUS);
  }

  private static void forEachField(Node node, Consumer<Field> action) {
    switch (node) {
      case Node.Constant constant -> {}
      case Node.All(List<Node> parts) -> parts.forEach(part -> forEachField(part, action));
      case Node.Any(List<Node> parts) -> parts.forEach(part -> forEachField(part, action));
      case Node.Not(Node part) -> forEachField(part, action);
      case Condition.ComparedFields(Field field, Relation relation, Field to) -> {
        action.accept(field);
        action.accept(to);
      }
      case Condition condition -> action.accept(condition.field());
    }
  }

  /// By text: an order without meaning, so that filters crafted to share a hash stay cheap in maps.
  @Override
  public int compareTo(Filter other) {
    return text.compareTo(other.text);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Filter that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /// The filter in canonical form, for people.
  @Override
  public String toString() {
    return text;
  }
}
