// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.Change;
import io.freshet.protocol.Operation;
import io.freshet.protocol.Seeds;
import io.freshet.protocol.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Random filters on random rows, against [NaiveFilter] and the laws of logic.
class FilterPropertyTest {
  private static final Map<String, FieldType> TYPES =
      Map.of("a", FieldType.INT, "b", FieldType.STRING, "t", FieldType.STRING);

  private static Ternary ternary(@Nullable Boolean answer) {
    return answer == null ? Ternary.UNKNOWN : Ternary.of(answer);
  }

  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void prismasLanguageMeansWhatItSays(long seed) {
    agreesWithTheNaive(seed, null, Map.of());
  }

  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void typesMakeNullOfWhatDoesNotFit(long seed) {
    agreesWithTheNaive(seed, RandomFilters.MODEL, TYPES);
  }

  private static void agreesWithTheNaive(
      long seed, @Nullable Model model, Map<String, FieldType> types) {
    var filters = new RandomFilters(new SplittableRandom(seed), model != null);
    var seen = new HashMap<Ternary, Integer>();
    for (int i = 0; i < Seeds.DOCUMENTS; i++) {
      JsonObject where = filters.where(3);
      Filter filter = PrismaFilter.where(where, model);
      for (int rows = 0; rows < 4; rows++) {
        JsonObject row = filters.row();
        Ternary expected = ternary(new NaiveFilter(types, row).prisma(where));
        assertEquals(expected, filter.test(Rows.row(row)), () -> where + " on " + row);
        seen.merge(expected, 1, Integer::sum);
      }
    }
    for (Ternary each : Ternary.values()) {
      assertTrue(seen.getOrDefault(each, 0) > Seeds.DOCUMENTS / 10, "too rare: " + seen);
    }
  }

  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void theSyncLanguageMeansWhatItSays(long seed) {
    var filters = new RandomFilters(new SplittableRandom(seed), false);
    for (int i = 0; i < Seeds.DOCUMENTS; i++) {
      JsonObject filter = filters.sync();
      JsonObject row = filters.row();
      Ternary expected = ternary(new NaiveFilter(Map.of(), row).sync(filter));
      Ternary said = SyncFilter.read(filter).test(Rows.row(row));
      assertEquals(expected, said, () -> filter + " on " + row);
    }
  }

  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void logicHolds(long seed) {
    var filters = new RandomFilters(new SplittableRandom(seed), false);
    for (int i = 0; i < Seeds.DOCUMENTS / 5; i++) {
      Filter a = PrismaFilter.where(filters.where(2), null);
      Filter b = PrismaFilter.where(filters.where(2), null);
      Row row = Rows.row(filters.row());
      assertEquals(a.test(row).and(b.test(row)), a.and(b).test(row));
      assertEquals(a.test(row).or(b.test(row)), a.or(b).test(row));
      assertEquals(a.test(row).not(), a.not().test(row));
      assertEquals(a.not().or(b.not()), a.and(b).not());
      assertEquals(a.not().and(b.not()), a.or(b).not());
      assertEquals(a, a.not().not());
      assertEquals(a.and(b), b.and(a));
      assertEquals(a.or(b), b.or(a));
    }
  }

  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void orderMakesNoOtherFilter(long seed) {
    var filters = new RandomFilters(new SplittableRandom(seed), false);
    for (int i = 0; i < Seeds.DOCUMENTS; i++) {
      JsonObject where = filters.where(3);
      assertEquals(
          PrismaFilter.where(where, null), PrismaFilter.where(filters.shuffled(where), null));
    }
  }

  /// Filters of one text say the same of every row.
  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void equalFiltersAgree(long seed) {
    var filters = new RandomFilters(new SplittableRandom(seed), false);
    var rows = new ArrayList<Row>();
    for (int i = 0; i < 20; i++) {
      rows.add(Rows.row(filters.row()));
    }
    var known = new HashMap<Filter, List<Ternary>>();
    int again = 0;
    for (int i = 0; i < Seeds.DOCUMENTS; i++) {
      JsonObject where = filters.where(1);
      Filter filter = PrismaFilter.where(where, null);
      List<Ternary> said = rows.stream().map(filter::test).toList();
      List<Ternary> before = known.putIfAbsent(filter, said);
      assertEquals(before == null ? said : before, said, where::toString);
      again += before == null ? 0 : 1;
    }
    assertTrue(again > Seeds.DOCUMENTS / 10, "only " + again + " filters came twice");
  }

  @ParameterizedTest
  @MethodSource("io.freshet.protocol.Seeds#all")
  void theIndexFindsWhatAskingEachFinds(long seed) {
    var random = new SplittableRandom(seed);
    var filters = new RandomFilters(random, false);
    var index = new FilterIndex<Integer>();
    var all = new ArrayList<Map.Entry<Filter, Integer>>();
    for (int step = 0; step < 600; step++) {
      if (all.isEmpty() || random.nextInt(5) < 3) {
        var hanging = Map.entry(filter(filters, random), random.nextInt(50));
        assertEquals(!all.contains(hanging), index.add(hanging.getKey(), hanging.getValue()));
        if (!all.contains(hanging)) {
          all.add(hanging);
        }
      } else {
        var hanging = all.remove(random.nextInt(all.size()));
        assertTrue(index.remove(hanging.getKey(), hanging.getValue()));
      }
      assertEquals(all.stream().map(Map.Entry::getKey).distinct().count(), index.filters());
      sameMatches(index, all, Rows.row(filters.row()));
      sameTransitions(index, all, change(filters, random));
    }
    all.forEach(hanging -> index.remove(hanging.getKey(), hanging.getValue()));
    assertTrue(index.isEmpty());
  }

  private static Filter filter(RandomFilters filters, SplittableRandom random) {
    return switch (random.nextInt(4)) {
      case 0 -> SyncFilter.read(filters.sync());
      case 1 -> PrismaFilter.read(JsonObject.of("create", filters.where(1)), null).filter();
      default -> PrismaFilter.where(filters.where(2), null);
    };
  }

  private static Change change(RandomFilters filters, SplittableRandom random) {
    return switch (random.nextInt(4)) {
      case 0 -> Rows.change(Operation.CREATE, (JsonObject) null, filters.row());
      case 1 -> Rows.change(Operation.DELETE, filters.row(), (JsonObject) null);
      default -> Rows.change(Operation.MERGE, filters.row(), filters.row());
    };
  }

  private static void sameMatches(
      FilterIndex<Integer> index, List<Map.Entry<Filter, Integer>> all, Row row) {
    var found = new ArrayList<Integer>();
    index.match(row, found::add);
    var expected = new ArrayList<Integer>();
    for (var hanging : all) {
      if (hanging.getKey().matches(row)) {
        expected.add(hanging.getValue());
      }
    }
    found.sort(null);
    expected.sort(null);
    assertEquals(expected, found);
  }

  private static void sameTransitions(
      FilterIndex<Integer> index, List<Map.Entry<Filter, Integer>> all, Change change) {
    var found = new ArrayList<String>();
    index.transitions(change, (transition, target) -> found.add(target + " " + transition));
    var expected = new ArrayList<String>();
    for (var hanging : all) {
      Transition transition = Transition.of(hanging.getKey(), change);
      if (transition != Transition.NEVER) {
        expected.add(hanging.getValue() + " " + transition);
      }
    }
    found.sort(null);
    expected.sort(null);
    assertEquals(expected, found);
  }
}
