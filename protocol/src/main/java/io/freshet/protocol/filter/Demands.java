// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// Which demand on a field's value a filter is looked up by: a row that gets through meets at least
/// one of those chosen.
final class Demands {
  /// A filter with more values than this to look up by is tested every time instead: each value
  /// takes some hundred bytes of the index.
  private static final int LOOKED_UP_MAX = 256;

  private final ToIntFunction<Condition.OneOf> crowd;

  /// @param crowd how many filters are looked up by the most crowded value of a demand
  Demands(ToIntFunction<Condition.OneOf> crowd) {
    this.crowd = crowd;
  }

  /// The demands to look a filter up by; none when no row gets through.
  ///
  /// @param node in canonical form
  /// @return null when the filter demands no values, or too many
  @Nullable List<Condition.OneOf> of(Node node) {
    return switch (node) {
      case Node.Constant(boolean holds) -> holds ? null : List.of();
      case Node.All(List<Node> parts) -> rarest(parts);
      case Node.Any(List<Node> parts) -> joined(parts);
      case Condition.OneOf demand ->
          demand.values().size() > LOOKED_UP_MAX ? null : List.of(demand);
      case Node.Not not -> null;
      case Condition condition -> null;
    };
  }

  private @Nullable List<Condition.OneOf> joined(List<Node> parts) {
    var joined = new ArrayList<Condition.OneOf>();
    int values = 0;
    for (Node part : parts) {
      List<Condition.OneOf> demands = of(part);
      values += demands == null ? 0 : valuesOf(demands);
      if (demands == null || values > LOOKED_UP_MAX) {
        return null;
      }
      joined.addAll(demands);
    }
    return joined;
  }

  private @Nullable List<Condition.OneOf> rarest(List<Node> parts) {
    List<Condition.OneOf> rarest = null;
    for (Node part : parts) {
      List<Condition.OneOf> demands = of(part);
      if (demands != null && (rarest == null || isRarer(demands, rarest))) {
        rarest = demands;
      }
    }
    return rarest;
  }

  private boolean isRarer(List<Condition.OneOf> one, List<Condition.OneOf> other) {
    int byCrowd = Integer.compare(crowdOf(one), crowdOf(other));
    return byCrowd < 0 || byCrowd == 0 && valuesOf(one) < valuesOf(other);
  }

  private int crowdOf(List<Condition.OneOf> demands) {
    return demands.stream().mapToInt(crowd).max().orElse(0);
  }

  private static int valuesOf(List<Condition.OneOf> demands) {
    return demands.stream().mapToInt(demand -> demand.values().size()).sum();
  }

  /// What is left to test of a filter that was found by its demands: all of it if there are several
  /// of them, otherwise what it asks besides.
  static Filter rest(Filter filter, @Nullable List<Condition.OneOf> demands) {
    if (demands == null || demands.size() != 1) {
      return filter;
    }
    if (!(filter.node() instanceof Node.All(List<Node> parts))) {
      return Filter.ALL;
    }
    var rest = new ArrayList<Node>(parts);
    rest.remove(demands.getFirst());
    return Filter.of(new Node.All(rest));
  }
}
