// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.Operation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Who is found for a change.
class FilterIndexTest {
  private final FilterIndex<String> index = new FilterIndex<>();

  private static Filter where(String where) {
    return PrismaFilter.where(Rows.object(where), null);
  }

  private List<String> matching(String row) {
    var found = new ArrayList<String>();
    index.match(Rows.row(row), found::add);
    return found;
  }

  @Test
  void findsByEqualityByListAndWithoutEither() {
    index.add(where("{'a':1}"), "one");
    index.add(where("{'a':{'in':[1,2]}}"), "list");
    index.add(where("{'b':{'gt':5}}"), "range");
    index.add(Filter.ALL, "all");
    index.add(where("{'OR':[]}"), "never");
    assertEquals(List.of("one", "list", "all"), matching("{'a':1}"));
    assertEquals(List.of("list", "range", "all"), matching("{'a':2,'b':6}"));
    assertEquals(List.of("all"), matching("{}"));
    assertEquals(List.of("all"), matching("[1]"));
  }

  @Test
  void findsAFilterOfAlternativesOnce() {
    index.add(where("{'OR':[{'a':1},{'b':2,'c':3}]}"), "either");
    assertEquals(List.of("either"), matching("{'a':1,'b':2,'c':3}"));
    assertEquals(List.of("either"), matching("{'b':2,'c':3}"));
    assertEquals(List.of("either"), matching("{'a':1}"));
    assertEquals(List.of(), matching("{'b':2}"));
  }

  @Test
  void manyTargetsHangOnOneFilter() {
    assertTrue(index.add(where("{'a':1,'b':2}"), "x"));
    assertTrue(index.add(where("{'b':2,'a':1}"), "y"));
    assertFalse(index.add(where("{'AND':[{'a':1},{'b':2}]}"), "x"));
    assertEquals(1, index.filters());
    assertEquals(List.of("x", "y"), matching("{'a':1,'b':2}"));
  }

  @Test
  void aTargetHangsOnManyFilters() {
    index.add(where("{'a':1}"), "x");
    index.add(where("{'b':2}"), "x");
    assertEquals(List.of("x", "x"), matching("{'a':1,'b':2}"));
    index.remove(where("{'a':1}"), "x");
    assertEquals(List.of("x"), matching("{'a':1,'b':2}"));
  }

  @Test
  void forgetsWhatIsRemoved() {
    Filter either = where("{'OR':[{'a':1},{'b':{'in':[2,3]}}]}");
    Filter range = where("{'b':{'gt':1}}");
    index.add(either, "x");
    index.add(either, "y");
    index.add(range, "z");
    assertFalse(index.remove(either, "z"));
    assertFalse(index.remove(where("{'b':2}"), "x"));
    assertTrue(index.remove(either, "x"));
    assertFalse(index.remove(either, "x"));
    assertEquals(List.of("y", "z"), matching("{'b':2}"));
    assertTrue(index.remove(either, "y"));
    assertEquals(List.of("z"), matching("{'b':2}"));
    assertTrue(index.remove(range, "z"));
    assertTrue(index.isEmpty());
    assertEquals(List.of(), matching("{'b':2}"));
    index.add(either, "again");
    assertEquals(List.of("again"), matching("{'b':2}"));
  }

  @Test
  void findsByTypedValues() {
    Model model =
        Models.of(Models.field("at", FieldType.DATETIME), Models.field("n", FieldType.DECIMAL));
    index.add(Models.where("{'at':'2026-01-01T00:00:00Z'}", model), "time");
    index.add(Models.where("{'n':'1.50'}", model), "decimal");
    assertEquals(List.of("time"), matching("{'at':'2026-01-01T01:00:00+01:00'}"));
    assertEquals(List.of("decimal"), matching("{'n':1.5}"));
    assertEquals(List.of(), matching("{'at':5,'n':'x'}"));
  }

  @Test
  void moreValuesThanAreWorthLookingUpAreTested() {
    var many = new StringBuilder("{'a':{'in':[-1");
    for (int i = 0; i < 1_000; i++) {
      many.append(',').append(i);
    }
    index.add(where(many.append("]}}").toString()), "many");
    assertEquals(List.of("many"), matching("{'a':999}"));
    assertEquals(List.of(), matching("{'a':1000}"));
  }

  @Test
  void transitionsLookAtBothStates() {
    index.add(where("{'a':1}"), "one");
    index.add(where("{'a':2}"), "two");
    index.add(where("{'b':{'gt':0}}"), "range");
    index.add(where("{'a':{'in':[1,2]}}"), "both");
    var seen = new ArrayList<String>();
    var change = Rows.change(Operation.MERGE, "{'a':1,'b':0}", "{'a':2,'b':1}");
    index.transitions(change, (transition, target) -> seen.add(target + " " + transition));
    seen.sort(null);
    assertEquals(List.of("both STAYS", "one LEFT", "range ENTERED", "two ENTERED"), seen);
  }

  @Test
  void nobodyHearsOfAnOpening() {
    index.add(Filter.ALL, "all");
    var seen = new ArrayList<String>();
    index.transitions(
        Rows.change(Operation.OPEN, "{}", "{}"), (transition, target) -> seen.add(target));
    assertEquals(List.of(), seen);
  }

  @Test
  void createsAndDeletesHaveOneState() {
    index.add(where("{'a':1}"), "one");
    var seen = new ArrayList<String>();
    index.transitions(
        Rows.change(Operation.CREATE, null, "{'a':1}"),
        (transition, target) -> seen.add(transition.name()));
    index.transitions(
        Rows.change(Operation.DELETE, "{'a':1}", null),
        (transition, target) -> seen.add(transition.name()));
    assertEquals(List.of("ENTERED", "LEFT"), seen);
  }
}
