// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import java.util.Set;

/// A compiled filter. Immutable, safe to share between threads, equal to every filter that was
/// written differently but comes to the same conditions: order, nesting of AND and OR, repetition,
/// double negation and the notation it was read from make no difference. So equal filters of many
/// subscribers are one key of a map and tested once.
public final class Filter implements Comparable<Filter> {
  /// Lets every row through.
  public static final Filter ALL = new Filter("true");

  private final String text;

  Filter(String text) {
    this.text = text;
  }

  /// What the filter says of the row. Throws nothing, whatever the row holds.
  public Ternary test(Row row) {
    if (equals(ALL)) {
      return Ternary.TRUE;
    }
    throw new UnsupportedOperationException("follows");
  }

  /// Whether the row gets through: what the filter says of it is true, not merely unknown.
  public boolean matches(Row row) {
    return test(row) == Ternary.TRUE;
  }

  public Filter and(Filter other) {
    if (equals(ALL)) {
      return other;
    }
    throw new UnsupportedOperationException("follows");
  }

  public Filter or(Filter other) {
    if (equals(ALL)) {
      return this;
    }
    throw new UnsupportedOperationException("follows");
  }

  public Filter not() {
    if (text.isEmpty()) {
      return this;
    }
    throw new UnsupportedOperationException("follows");
  }

  /// The members of a row's data that the filter looks at: the first key of each path.
  public Set<String> members() {
    if (equals(ALL)) {
      return Set.of();
    }
    throw new UnsupportedOperationException("follows");
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
