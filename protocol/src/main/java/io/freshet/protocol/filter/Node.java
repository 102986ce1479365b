// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import java.util.List;

/// A filter as a tree: combinations of [Condition]s. Readers build it as it was written;
/// [CanonicalForm] makes equal filters equal trees.
sealed interface Node permits Node.Constant, Node.All, Node.Any, Node.Not, Condition {
  Node TRUE = new Constant(true);
  Node FALSE = new Constant(false);

  Ternary test(Row row);

  /// Holds always, or never.
  record Constant(boolean holds) implements Node {
    @Override
    public Ternary test(Row row) {
      return Ternary.of(holds);
    }
  }

  /// Every part holds; without parts it is true.
  record All(List<Node> parts) implements Node {
    public All {
      parts = List.copyOf(parts);
    }

    @Override
    public Ternary test(Row row) {
      Ternary all = Ternary.TRUE;
      for (int i = 0; i < parts.size() && all != Ternary.FALSE; i++) {
        all = all.and(parts.get(i).test(row));
      }
      return all;
    }
  }

  /// Some part holds; without parts it is false.
  record Any(List<Node> parts) implements Node {
    public Any {
      parts = List.copyOf(parts);
    }

    @Override
    public Ternary test(Row row) {
      Ternary any = Ternary.FALSE;
      for (int i = 0; i < parts.size() && any != Ternary.TRUE; i++) {
        any = any.or(parts.get(i).test(row));
      }
      return any;
    }
  }

  /// The part does not hold.
  record Not(Node part) implements Node {
    @Override
    public Ternary test(Row row) {
      return part.test(row).not();
    }
  }
}
