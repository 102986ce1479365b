// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Equality by meaning, combinations, the members a filter looks at.
class FilterTest {
  private static Filter where(String where) {
    return PrismaFilter.where(Rows.object(where), null);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '#',
      value = {
        "{'a':1}; {'a':1.0}",
        "{'a':1}; {'a':{'equals':1}}",
        "{'a':1}; {'a':{'in':[1]}}",
        "{'a':1}; {'a':{'in':[1,1.0]}}",
        "{'a':1}; {'/a':1}",
        "{'a':1}; {'AND':[{'a':1},{'AND':[]},{'a':1}]}",
        "{'a':1}; {'NOT':{'NOT':{'a':1}}}",
        "{'a':1}; {'OR':[{'a':1}]}",
        "{'a':1}; {'a':{'not':{'not':1}}}",
        "{'a':1,'b':2}; {'b':2,'a':1}",
        "{'a':1,'b':2}; {'AND':[{'b':2},{'AND':{'a':1}}]}",
        "{'a':1,'b':2}; {'NOT':{'OR':[{'NOT':{'a':1}},{'b':{'not':2}}]}}",
        "{'OR':[{'a':1},{'a':2}]}; {'a':{'in':[2,1]}}",
        "{'OR':[{'a':1},{'OR':[{'b':1},{'a':2}]}]}; {'OR':[{'b':1},{'a':{'in':[1,2]}}]}",
        "{'a':{'notIn':[1,2]}}; {'AND':[{'a':{'not':1}},{'a':{'not':2}}]}",
        "{'a':{'in':[1,2],'notIn':[]}}; {'a':{'notIn':[],'in':[2,1]}}",
        "{'AND':[{'a':{'in':[1,2]}},{'a':{'in':[2,3]}}]}; {'a':2}",
        "{'a':{'not':{'gt':3}}}; {'a':{'lte':3}}",
        "{'NOT':{'a':{'lt':3}}}; {'a':{'gte':3}}",
        "{'OR':[]}; {'AND':[{'OR':[]},{'a':1}]}",
        "{'a':{'equals':{'x':1,'y':[2]}}}; {'a':{'equals':{'y':[2.0],'x':1}}}",
        "{'t':{'hasEvery':['x','y']}}; {'t':{'hasEvery':['y','x','x']}}",
        "{'t':{'has':'x'}}; {'t':{'hasEvery':['x']}}",
        "{'a':{'equals':'X','mode':'insensitive'}}; {'a':{'equals':'x','mode':'insensitive'}}",
        "{'a':{'equals':'x','mode':'default'}}; {'a':'x'}",
      })
  void equalWhateverTheNotation(String one, String other) {
    assertEquals(where(one), where(other));
    assertEquals(where(one).hashCode(), where(other).hashCode());
    assertEquals(0, where(one).compareTo(where(other)));
    assertEquals(where(one).toString(), where(other).toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '#',
      value = {
        "{'a':1}; {'a':'1'}",
        "{'a':1}; {'b':1}",
        "{'a':1}; {}",
        "{'a.b':1}; {'/a.b':1}",
        "{'a':'x'}; {'a':{'equals':'x','mode':'insensitive'}}",
        "{'a':{'lt':1}}; {'a':{'lte':1}}",
        "{'a':null}; {'a':{'isSet':false}}",
        "{'OR':[{'a':1},{'b':1}]}; {'a':1,'b':1}",
        "{'a':{'in':[]}}; {'OR':[]}",
        "{'a':{'equals':[1]}}; {'a':{'in':[[1]]}}",
        "{'a':{'contains':'x'}}; {'a':{'startsWith':'x'}}",
        "{'t':{'hasEvery':[1,2]}}; {'t':{'hasSome':[1,2]}}",
        "{'a':{'$type':'Decimal','value':'1'}}; {'a':1}",
        "{'a':'1, 2'}; {'a':{'in':['1','2']}}",
        "{'a':'1\\\", \\\"2'}; {'a':{'in':['1','2']}}",
        "{'a':{'equals':{'x':1}}}; {'a':{'equals':{'x':'1'}}}",
      })
  void differsWhereItMatters(String one, String other) {
    assertNotEquals(where(one), where(other));
  }

  /// A name that spells what a filter looks like inside is still a name.
  @Test
  void namesCannotSpellConditions() {
    Filter plain = where("{'a':1,'b':2}");
    assertNotEquals(plain, where("{'a\\\" in [1], \\\"b':2}"));
    Filter named = where("{'a\\\" in [1], \\\"b':2}");
    assertEquals(Ternary.UNKNOWN, named.test(Rows.row("{'a':1,'b':2}")));
  }

  @Test
  void combines() {
    Filter a = where("{'a':1}");
    Filter b = where("{'b':2}");
    assertEquals(where("{'a':1,'b':2}"), a.and(b));
    assertEquals(where("{'OR':[{'a':1},{'b':2}]}"), a.or(b));
    assertEquals(where("{'NOT':{'a':1}}"), a.not());
    assertEquals(a, Filter.ALL.and(a));
    assertEquals(Filter.ALL, a.or(Filter.ALL));
    assertEquals(where("{'OR':[]}"), Filter.ALL.not());
    assertEquals(a, a.and(a));
  }

  @Test
  void namesTheMembersItLooksAt() {
    assertEquals(Set.of(), Filter.ALL.members());
    assertEquals(
        Set.of(), SyncFilter.read(Rows.object("{'id':'x','operation':'create'}")).members());
    assertEquals(
        Set.of("a", "b", "c"),
        where("{'a.x':1,'OR':[{'NOT':{'b':{'isSet':true}}},{'c':{'has':1}},{'a':2}]}").members());
    assertEquals(
        Set.of("text", "full_name"),
        Models.where(
                "{'text':{'gt':{'modelName':'User','name':'fullName','typeName':'String'}}}",
                Models.USER)
            .members());
  }
}
