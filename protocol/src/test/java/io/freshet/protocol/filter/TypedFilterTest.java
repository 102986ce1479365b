// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.protocol.Operation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Filters over fields whose types are known.
class TypedFilterTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '#',
      value = {
        // What does not fit the type is null.
        "{'int':5}; {'int':5}; TRUE",
        "{'int':5}; {'int':5.5}; UNKNOWN",
        "{'int':5}; {'int':'5'}; UNKNOWN",
        "{'int':{'gt':0}}; {'int':2147483648}; UNKNOWN",
        "{'int':null}; {'int':'5'}; TRUE",
        "{'int':{'not':5}}; {'int':'5'}; UNKNOWN",
        "{'big':{'$type':'BigInt','value':'9007199254740993'}}; {'big':9007199254740993}; TRUE",
        "{'big':5}; {'big':'5'}; TRUE",
        "{'big':5}; {'big':'5.0'}; TRUE",
        "{'big':5}; {'big':5.5}; UNKNOWN",
        "{'big':{'gt':0}}; {'big':9223372036854775808}; UNKNOWN",
        "{'float':0.1}; {'float':0.10}; TRUE",
        "{'float':{'lt':1}}; {'float':'0'}; UNKNOWN",
        "{'dec':'12.50'}; {'dec':12.5}; TRUE",
        "{'dec':12.5}; {'dec':'12.500'}; TRUE",
        "{'dec':{'gt':0}}; {'dec':'1234567890123456789012345678901234567890.5'}; TRUE",
        "{'dec':'1234567890123456789012345678901234567890.5'};"
            + " {'dec':'1234567890123456789012345678901234567890.50'}; TRUE",
        "{'dec':{'lt':'1e400'}}; {'dec':1e308}; TRUE",
        "{'dec':0}; {'dec':'-0.00'}; TRUE",
        "{'dec':0}; {'dec':'٠'}; UNKNOWN",
        "{'bool':true}; {'bool':true}; TRUE",
        "{'bool':{'not':true}}; {'bool':'x'}; UNKNOWN",
        "{'text':'5'}; {'text':5}; UNKNOWN",
        "{'text':{'contains':'X','mode':'insensitive'}}; {'text':'axb'}; TRUE",
        "{'role':'ADMIN'}; {'role':'ADMIN'}; TRUE",
        "{'role':{'notIn':['ADMIN']}}; {'role':'USER'}; TRUE",
        "{'role':{'$type':'Enum','value':'ADMIN'}}; {'role':'ADMIN'}; TRUE",
        "{'at':'2026-01-01T00:00:00Z'}; {'at':'2026-01-01 01:00:00+01'}; TRUE",
        "{'at':{'lt':'2026-01-01'}}; {'at':'2025-12-31T23:59:59.999999Z'}; TRUE",
        "{'at':{'gt':{'$type':'DateTime','value':'2026-01-01T00:00:00.000Z'}}};"
            + " {'at':'2026-01-01T00:00:00.000001Z'}; TRUE",
        "{'at':{'not':null}}; {'at':'yesterday'}; FALSE",
        "{'bytes':{'$type':'Bytes','value':'AQI='}}; {'bytes':'AQI='}; TRUE",
        "{'bytes':{'in':['AQI=','AA==']}}; {'bytes':'AA'}; TRUE",
        "{'bytes':{'not':'AA=='}}; {'bytes':'*'}; UNKNOWN",
        // Lists, known to be and not.
        "{'tags':{'has':'x'}}; {'tags':['x',5]}; TRUE",
        "{'tags':['x']}; {'tags':['x']}; TRUE",
        "{'tags':['x']}; {'tags':['x',5]}; FALSE",
        "{'tags':{'isEmpty':true}}; {}; TRUE",
        "{'days':{'has':'2026-01-01'}}; {'days':['2026-01-01T00:00:00Z']}; TRUE",
        "{'days':{'hasSome':[{'$type':'DateTime','value':'2026-01-01T00:00:00.000Z'}]}};"
            + " {'days':['2026-01-01']}; TRUE",
        "{'days':'2026-01-01'}; {'days':['2026-01-01']}; UNKNOWN",
        // A column of another name, the document's id.
        "{'fullName':'Ada'}; {'full_name':'Ada'}; TRUE",
        "{'fullName':'Ada'}; {'fullName':'Ada'}; UNKNOWN",
        "{'id':7}; {'id':7}; TRUE",
        "{'id':7}; {}; TRUE",
        "{'id':{'gt':6}}; {}; TRUE",
        // Other fields of the row.
        "{'text':{'equals':{'modelName':'User','name':'other','typeName':'String','isEnum':false}}};"
            + " {'text':'x','other':'x'}; TRUE",
        "{'text':{'not':{'modelName':'User','name':'other','typeName':'String','isEnum':false}}};"
            + " {'text':'x','other':'x'}; FALSE",
        "{'text':{'startsWith':{'modelName':'User','name':'fullName','typeName':'String','isEnum':false}}};"
            + " {'text':'xy','full_name':'x'}; TRUE",
        "{'text':{'equals':{'modelName':'User','name':'other','typeName':'String','isEnum':false},"
            + "'mode':'insensitive'}}; {'text':'X','other':'x'}; TRUE",
        "{'int':{'lt':{'modelName':'User','name':'float','typeName':'Float','isEnum':false}}};"
            + " {'int':1,'float':1.5}; TRUE",
        "{'int':{'lt':{'modelName':'User','name':'float','typeName':'Float','isEnum':false}}};"
            + " {'int':1}; UNKNOWN",
        // Json: operators, equality, paths.
        "{'meta':{'equals':{'a':1}}}; {'meta':{'a':1}}; TRUE",
        "{'meta':{'a':1}}; {'meta':{'a':1.0}}; TRUE",
        "{'meta':{'a':1,'equals':2}}; {'meta':{'a':1,'equals':2}}; TRUE",
        "{'meta':{}}; {'meta':{}}; TRUE",
        "{'meta':5}; {'meta':5}; TRUE",
        "{'meta':[1]}; {'meta':[1]}; TRUE",
        "{'meta':null}; {}; TRUE",
        "{'meta':{'equals':{'$type':'Enum','value':'DbNull'}}}; {'meta':null}; TRUE",
        "{'meta':{'not':{'a':1}}}; {'meta':{'a':2}}; TRUE",
        "{'meta':{'not':{'a':1}}}; {}; UNKNOWN",
        "{'meta':{'path':['a','b'],'equals':1}}; {'meta':{'a':{'b':1}}}; TRUE",
        "{'meta':{'path':['a','1'],'equals':2}}; {'meta':{'a':[1,2]}}; TRUE",
        "{'meta':{'path':['a'],'gt':1,'lte':2}}; {'meta':{'a':2}}; TRUE",
        "{'meta':{'path':['a'],'gt':1}}; {'meta':{'a':'2'}}; UNKNOWN",
        "{'meta':{'path':['a'],'string_contains':'b'}}; {'meta':{'a':'abc'}}; TRUE",
        "{'meta':{'path':['a'],'string_starts_with':'B','mode':'insensitive'}};"
            + " {'meta':{'a':'bc'}}; TRUE",
        "{'meta':{'string_ends_with':'c'}}; {'meta':'bc'}; TRUE",
        "{'meta':{'array_contains':[1,2]}}; {'meta':[2,3,1]}; TRUE",
        "{'meta':{'array_contains':4}}; {'meta':[2,3,1]}; FALSE",
        "{'meta':{'array_contains':4}}; {}; UNKNOWN",
        "{'meta':{'array_starts_with':2}}; {'meta':[2,3]}; TRUE",
        "{'meta':{'array_ends_with':{'a':3}}}; {'meta':[2,{'a':3}]}; TRUE",
        "{'meta':{'array_ends_with':2}}; {'meta':[2,3]}; FALSE",
        "{'meta':{'array_ends_with':2}}; {'meta':[]}; FALSE",
        "{'meta':{'array_ends_with':2}}; {'meta':2}; UNKNOWN",
        "{'meta.a':1}; {'meta':{'a':1}}; TRUE",
        "{'meta.a':{'startsWith':'x'}}; {'meta':{'a':'xy'}}; TRUE",
      })
  void readsValuesAsTheirTypes(String where, String row, Ternary expected) {
    Filter filter = Models.where(where, Models.USER);
    Row of = new Row("7", Operation.MERGE, Rows.json(row), null, false);
    assertEquals(expected, filter.test(of), () -> filter + " on " + row);
    assertEquals(expected.not(), filter.not().test(of), () -> "not " + filter + " on " + row);
  }

  /// The client sends the whole filter of a Json field as one text.
  @Test
  void readsTaggedJson() {
    String where = "{'meta':{'$type':'Json','value':'{\\\"path\\\":[\\\"a\\\"],\\\"gt\\\":1}'}}";
    Filter filter = Models.where(where, Models.USER);
    assertEquals(Models.where("{'meta':{'path':['a'],'gt':1}}", Models.USER), filter);
    assertEquals(Ternary.TRUE, filter.test(Rows.row("{'meta':{'a':2}}")));
  }

  @Test
  void theDocumentsIdIsANumberWhereTheFieldIsOne() {
    Row row = new Row("12x", Operation.MERGE, Rows.json("{}"), null, false);
    assertEquals(Ternary.UNKNOWN, Models.where("{'id':12}", Models.USER).test(row));
    Model text = Models.of(Models.field("id", FieldType.STRING));
    assertEquals(Ternary.TRUE, Models.where("{'id':'12x'}", text).test(row));
    Model big = Models.of(Models.field("id", FieldType.BIGINT));
    Row number = new Row("9223372036854775807", Operation.MERGE, Rows.json("{}"), null, false);
    assertEquals(
        Ternary.TRUE,
        Models.where("{'id':{'$type':'BigInt','value':'9223372036854775807'}}", big).test(number));
  }
}
