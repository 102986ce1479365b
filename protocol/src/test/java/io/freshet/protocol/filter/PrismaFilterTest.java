// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Pulse reference, section 6, on collections without a model.
class PrismaFilterTest {
  private static void says(String where, String row, Ternary expected) {
    Filter filter = PrismaFilter.where(Rows.object(where), null);
    assertEquals(expected, filter.test(Rows.row(row)), () -> filter + " on " + row);
    Filter not = filter.not();
    assertEquals(expected.not(), not.test(Rows.row(row)), () -> not + " on " + row);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '#',
      value = {
        // Equality; null is unequal to nothing, and what is absent is null.
        "{'a':1}; {'a':1}; TRUE",
        "{'a':1}; {'a':1.0}; TRUE",
        "{'a':1}; {'a':2}; FALSE",
        "{'a':1}; {'a':'1'}; FALSE",
        "{'a':1}; {'a':null}; UNKNOWN",
        "{'a':1}; {}; UNKNOWN",
        "{'a':{'equals':1}}; {'a':1}; TRUE",
        "{'a':'x'}; {'a':'x'}; TRUE",
        "{'a':true}; {'a':true}; TRUE",
        "{'a':true}; {'a':false}; FALSE",
        "{'a':{'equals':{'b':[1,2]}}}; {'a':{'b':[1.0,2]}}; TRUE",
        "{'a':{'equals':{'b':[1,2]}}}; {'a':{'b':[2,1]}}; FALSE",
        "{'a':9007199254740993}; {'a':9007199254740992}; FALSE",
        "{'a':null}; {'a':null}; TRUE",
        "{'a':null}; {}; TRUE",
        "{'a':null}; {'a':0}; FALSE",
        "{'a':{'equals':null}}; {}; TRUE",
        "{'a':{'not':null}}; {}; FALSE",
        "{'a':{'not':null}}; {'a':''}; TRUE",
        "{'a':{'not':1}}; {'a':2}; TRUE",
        "{'a':{'not':1}}; {'a':1}; FALSE",
        "{'a':{'not':1}}; {'a':'x'}; TRUE",
        "{'a':{'not':1}}; {}; UNKNOWN",
        "{'a':{'not':{'gt':3}}}; {'a':3}; TRUE",
        "{'a':{'not':{'gt':3,'lt':9}}}; {'a':5}; FALSE",
        "{'a':{'not':{'not':1}}}; {'a':1}; TRUE",
        "{'a':{'not':{'equals':null}}}; {}; FALSE",
        // Lists of values.
        "{'a':{'in':[1,2]}}; {'a':2}; TRUE",
        "{'a':{'in':[1,2]}}; {'a':3}; FALSE",
        "{'a':{'in':[1,2]}}; {}; UNKNOWN",
        "{'a':{'in':[]}}; {'a':1}; FALSE",
        "{'a':{'in':[]}}; {}; UNKNOWN",
        "{'a':{'notIn':[1,2]}}; {'a':3}; TRUE",
        "{'a':{'notIn':[1,2]}}; {'a':1}; FALSE",
        "{'a':{'notIn':[1,2]}}; {}; UNKNOWN",
        "{'a':{'notIn':[]}}; {'a':1}; TRUE",
        "{'a':{'notIn':[]}}; {}; UNKNOWN",
        // Order: numbers by value, texts by code point, nothing across kinds.
        "{'a':{'lt':2}}; {'a':1.5}; TRUE",
        "{'a':{'lt':2}}; {'a':2}; FALSE",
        "{'a':{'lte':2}}; {'a':2}; TRUE",
        "{'a':{'gt':2}}; {'a':2}; FALSE",
        "{'a':{'gte':2}}; {'a':2.0}; TRUE",
        "{'a':{'gt':1e300}}; {'a':1e301}; TRUE",
        "{'a':{'gt':9007199254740992}}; {'a':9007199254740993}; TRUE",
        "{'a':{'gte':2,'lt':4}}; {'a':3}; TRUE",
        "{'a':{'gte':2,'lt':4}}; {'a':4}; FALSE",
        "{'a':{'lt':'b'}}; {'a':'B'}; TRUE",
        "{'a':{'gt':'Z'}}; {'a':'a'}; TRUE",
        "{'a':{'gt':'\uffff'}}; {'a':'\ud83d\ude00'}; TRUE",
        "{'a':{'gt':'1'}}; {'a':2}; UNKNOWN",
        "{'a':{'gt':1}}; {'a':'2'}; UNKNOWN",
        "{'a':{'gt':1}}; {'a':true}; UNKNOWN",
        "{'a':{'gt':1}}; {}; UNKNOWN",
        // Texts; SQL's wildcards mean nothing.
        "{'a':{'contains':'b'}}; {'a':'abc'}; TRUE",
        "{'a':{'contains':'B'}}; {'a':'abc'}; FALSE",
        "{'a':{'contains':'%'}}; {'a':'abc'}; FALSE",
        "{'a':{'contains':'a_c'}}; {'a':'abc'}; FALSE",
        "{'a':{'contains':'%'}}; {'a':'5%'}; TRUE",
        "{'a':{'contains':''}}; {'a':''}; TRUE",
        "{'a':{'contains':'1'}}; {'a':1}; UNKNOWN",
        "{'a':{'contains':'1'}}; {}; UNKNOWN",
        "{'a':{'startsWith':'ab'}}; {'a':'abc'}; TRUE",
        "{'a':{'startsWith':'bc'}}; {'a':'abc'}; FALSE",
        "{'a':{'endsWith':'bc'}}; {'a':'abc'}; TRUE",
        "{'a':{'endsWith':'@prisma.io'}}; {'a':'x@prisma.io'}; TRUE",
        "{'a':{'contains':'B','mode':'insensitive'}}; {'a':'abc'}; TRUE",
        "{'a':{'contains':'B','mode':'default'}}; {'a':'abc'}; FALSE",
        "{'a':{'equals':'STRASSE','mode':'insensitive'}}; {'a':'strasse'}; TRUE",
        "{'a':{'equals':'ΣΑΣ','mode':'insensitive'}}; {'a':'σας'}; TRUE",
        "{'a':{'in':['X','y'],'mode':'insensitive'}}; {'a':'Y'}; TRUE",
        "{'a':{'not':'X','mode':'insensitive'}}; {'a':'x'}; FALSE",
        "{'a':{'not':{'startsWith':'X'},'mode':'insensitive'}}; {'a':'xy'}; FALSE",
        "{'a':{'lt':'b','mode':'insensitive'}}; {'a':'A'}; TRUE",
        "{'a':{'equals':5,'mode':'insensitive'}}; {'a':5}; TRUE",
        // Lists; one that is not there is empty, null is null.
        "{'t':{'has':'x'}}; {'t':['x','y']}; TRUE",
        "{'t':{'has':'z'}}; {'t':['x','y']}; FALSE",
        "{'t':{'has':'z'}}; {'t':[null]}; FALSE",
        "{'t':{'has':'z'}}; {}; FALSE",
        "{'t':{'has':'z'}}; {'t':null}; UNKNOWN",
        "{'t':{'has':'z'}}; {'t':'z'}; UNKNOWN",
        "{'t':{'has':1}}; {'t':[1.0]}; TRUE",
        "{'t':{'hasEvery':['x','y']}}; {'t':['y','z','x']}; TRUE",
        "{'t':{'hasEvery':['x','y']}}; {'t':['y','y']}; FALSE",
        "{'t':{'hasEvery':[]}}; {'t':[]}; TRUE",
        "{'t':{'hasSome':['x','y']}}; {'t':['y']}; TRUE",
        "{'t':{'hasSome':['x','y']}}; {'t':['z']}; FALSE",
        "{'t':{'hasSome':[]}}; {'t':['z']}; FALSE",
        "{'t':{'isEmpty':true}}; {'t':[]}; TRUE",
        "{'t':{'isEmpty':true}}; {}; TRUE",
        "{'t':{'isEmpty':true}}; {'t':[1]}; FALSE",
        "{'t':{'isEmpty':false}}; {'t':[1]}; TRUE",
        "{'t':{'isEmpty':false}}; {'t':null}; UNKNOWN",
        "{'t':['x','y']}; {'t':['x','y']}; TRUE",
        "{'t':{'equals':['x','y']}}; {'t':['y','x']}; FALSE",
        "{'t':{'equals':['x']}}; {'t':['x','y']}; FALSE",
        "{'t':{'equals':['x','y']}}; {'t':['x']}; FALSE",
        "{'t':{'has':'X','mode':'insensitive'}}; {'t':['x']}; TRUE",
        // There or not.
        "{'a':{'isSet':true}}; {'a':null}; TRUE",
        "{'a':{'isSet':true}}; {}; FALSE",
        "{'a':{'isSet':false}}; {}; TRUE",
        // Paths.
        "{'a.b':1}; {'a':{'b':1}}; TRUE",
        "{'a.b':1}; {'a':[{'b':1}]}; UNKNOWN",
        "{'a.0.b':1}; {'a':[{'b':1}]}; TRUE",
        "{'a.00':1}; {'a':[1]}; UNKNOWN",
        "{'a.1':1}; {'a':[1]}; UNKNOWN",
        "{'a.0':1}; {'a':{'0':1}}; TRUE",
        "{'/a/b':1}; {'a':{'b':1}}; TRUE",
        "{'a\\\\.b':1}; {'a.b':1}; TRUE",
        "{'a.b':1}; {'a.b':1}; UNKNOWN",
        "{'/AND':1}; {'AND':1}; TRUE",
        "{'a.b':null}; {'a':5}; TRUE",
        "{'':1,'a':2}; {'a':2}; #refused#",
        // The document's id stands in for a member of that name.
        "{'id':'d1'}; {}; TRUE",
        "{'id':'d1'}; {'id':7}; FALSE",
        "{'id':7}; {'id':7}; TRUE",
        "{'/id':'d1'}; {}; TRUE",
        // Combinations.
        "{'a':1,'b':2}; {'a':1,'b':2}; TRUE",
        "{'a':1,'b':2}; {'a':1}; UNKNOWN",
        "{'a':1,'b':2}; {'a':2}; FALSE",
        "{'AND':[{'a':1},{'b':2}]}; {'a':1,'b':2}; TRUE",
        "{'AND':{'a':1,'b':2}}; {'a':1,'b':3}; FALSE",
        "{'OR':[{'a':1},{'b':2}]}; {'b':2}; TRUE",
        "{'OR':[{'a':1},{'b':2}]}; {'b':3}; UNKNOWN",
        "{'OR':[{'a':1},{'b':2}]}; {'a':3,'b':3}; FALSE",
        "{'OR':{'a':1,'b':2}}; {'a':1,'b':3}; FALSE",
        "{'NOT':{'a':1}}; {'a':2}; TRUE",
        "{'NOT':{'a':1}}; {}; UNKNOWN",
        "{'NOT':{'a':1,'b':2}}; {'a':1,'b':3}; TRUE",
        "{'NOT':[{'a':1},{'b':2}]}; {'a':1,'b':3}; FALSE",
        "{'NOT':[{'a':1},{'b':2}]}; {'a':3,'b':3}; TRUE",
        "{'a':1,'OR':[{'b':2},{'NOT':{'c':3}}]}; {'a':1,'c':4}; TRUE",
        "{'OR':[]}; {}; FALSE",
        "{'NOT':{'OR':[]}}; {}; TRUE",
        "{'OR':[{'AND':[{'OR':[]}]},{'a':1}]}; {'a':1}; TRUE",
      })
  void saysWhatSqlSays(String where, String row, String expected) {
    if (expected.equals("refused")) {
      FilterRefusals.assertRefused(
          () -> PrismaFilter.where(Rows.object(where), null), "is no path");
    } else {
      says(where, row, Ternary.valueOf(expected));
    }
  }

  /// As in Prisma an object without conditions is none, also when it is negated.
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{}",
        "{'AND':[]}",
        "{'AND':{}}",
        "{'NOT':{}}",
        "{'NOT':[]}",
        "{'NOT':[{},{}]}",
        "{'NOT':{'AND':[{}]}}",
        "{'a':{}}",
        "{'a':{'mode':'insensitive'}}",
        "{'a':{'not':{}}}",
        "{'NOT':{'a':{}}}",
      })
  void nothingAskedIsEverything(String where) {
    assertEquals(Filter.ALL, PrismaFilter.where(Rows.object(where), null));
  }

  @Test
  void emptyObjectsInAnOrAreNoConditions() {
    says("{'OR':[{},{'a':1}]}", "{'a':2}", Ternary.FALSE);
    says("{'OR':[{'a':{}}]}", "{'a':2}", Ternary.FALSE);
  }

  @Test
  void whatASourceDoesNotKnowIsUnknown() {
    Row row = Rows.partial("{'a':1,'b':null}");
    assertEquals(Ternary.TRUE, test("{'a':1}", row));
    assertEquals(Ternary.TRUE, test("{'b':null}", row));
    assertEquals(Ternary.UNKNOWN, test("{'c':null}", row));
    assertEquals(Ternary.UNKNOWN, test("{'c':{'not':null}}", row));
    assertEquals(Ternary.UNKNOWN, test("{'c':{'isSet':false}}", row));
    assertEquals(Ternary.UNKNOWN, test("{'c':{'isEmpty':true}}", row));
    assertEquals(Ternary.UNKNOWN, test("{'c':{'has':1}}", row));
  }

  private static Ternary test(String where, Row row) {
    return PrismaFilter.where(Rows.object(where), null).test(row);
  }

  @Test
  void tagsGiveAValueItsType() {
    String time = "{'at':{'gte':{'$type':'DateTime','value':'2026-01-01T00:00:00.000Z'}}}";
    says(time, "{'at':'2026-01-01T01:00:00+01:00'}", Ternary.TRUE);
    says(time, "{'at':'2025-12-31'}", Ternary.FALSE);
    says(time, "{'at':'soon'}", Ternary.UNKNOWN);
    says("{'n':{'$type':'Decimal','value':'0.50'}}", "{'n':0.5}", Ternary.TRUE);
    says("{'n':{'$type':'Decimal','value':'0.50'}}", "{'n':'.5'}", Ternary.TRUE);
    says("{'n':{'in':[{'$type':'BigInt','value':'7'}]}}", "{'n':'7'}", Ternary.TRUE);
    says("{'b':{'$type':'Bytes','value':'AQI='}}", "{'b':'AQI'}", Ternary.TRUE);
    says(
        "{'j':{'$type':'Json','value':'{\\'equals\\':{\\'a\\':1}}'}}".replace("\\'", "\\\""),
        "{'j':{'a':1}}",
        Ternary.TRUE);
  }
}
