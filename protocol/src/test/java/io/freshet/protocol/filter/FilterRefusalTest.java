// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What cannot be read, or compares what can never be equal, is refused with the place.
class FilterRefusalTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '#',
      value = {
        "{'a':{'like':'x'}}; `where.a.like` is no operator",
        "{'a':{'search':'x'}}; `where.a.search` is no operator",
        "{'a':{'is':{}}}; `where.a.is` is no operator",
        "{'a':{'b':1}}; is written \"outer.inner\"",
        "{'OR':[{'a':1},{'b':{'gt':true}}]}; `where.OR[1].b.gt` takes a number, a text or a time",
        "{'AND':5}; `where.AND` takes an object of fields, not the number 5",
        "{'AND':[5]}; `where.AND[0]` takes an object",
        "{'NOT':null}; `where.NOT` takes an object of fields, not null",
        "{'a':{'gt':null}}; `where.a.gt` takes a value, not null",
        "{'a':{'gt':[1]}}; `where.a.gt` takes a number",
        "{'a':{'in':5}}; `where.a.in` takes a list of values, not the number 5",
        "{'a':{'in':[1,null]}}; `where.a.in[1]` takes a value, not null",
        "{'a':{'notIn':[null]}}; not null",
        "{'a':{'contains':5}}; `where.a.contains` takes a text, not the number 5",
        "{'a':{'startsWith':null}}; takes a text, not null",
        "{'a':{'mode':'loud'}}; `where.a.mode` is either",
        "{'a':{'mode':5,'equals':'x'}}; is either \"default\" or \"insensitive\"",
        "{'t':{'has':null}}; `where.t.has[0]` takes a value, not null",
        "{'t':{'hasEvery':'x'}}; takes a list of values",
        "{'t':{'hasSome':[null]}}; takes a value, not null",
        "{'t':[null]}; takes a value, not null",
        "{'t':{'isEmpty':1}}; `where.t.isEmpty` takes true or false",
        "{'t':{'isSet':null}}; takes true or false, not null",
        "{'a..b':1}; `where.a..b` is no path",
        "{'a.__proto__.b':1}; may not contain the key \"__proto__\"",
        "{'/a/~2':1}; is no path",
        "{'a':{'$type':'Point','value':1}}; unknown type \"Point\"",
        "{'a':{'$type':'DateTime'}}; is not {\"$type\": …, \"value\": …}",
        "{'a':{'$type':'DateTime','value':'x','more':1}}; has a tagged value that is not",
        "{'a':{'$type':'DateTime','value':'2026-02-30T00:00:00Z'}}; takes a value of type DateTime",
        "{'a':{'$type':5,'value':1}}; has a tagged value",
        "{'a':{'gt':{'$type':'Bytes','value':'AA=='}}}; takes a number, a text or a time",
        "{'a':{'in':[{'$type':'BigInt','value':'1'},{'$type':'DateTime','value':'2026-01-01'}]}};"
            + " `where.a.in[1]` is of another type",
        "{'a':{'$type':'Json','value':'{'}}; has a Json value that cannot be read",
        "{'a':{'$type':'Json','value':{}}}; has a Json value that is not a text",
      })
  void withoutAModel(String where, String message) {
    FilterRefusals.assertRefused(() -> Models.where(where, null), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '#',
      value = {
        "{'nme':'x'}; `where.nme` is no field of User; it has id, int, big",
        "{'posts':{'some':{}}}; `where.posts` is a relation",
        "{'text.b':'x'}; is no field of User",
        "{'full_name':'x'}; is no field of User",
        "{'int':'5'}; `where.int` takes a value of type Int, not the text \"5\"",
        "{'int':5.5}; takes a value of type Int",
        "{'int':{'gt':2147483648}}; takes a value of type Int, not the number 2147483648",
        "{'int':{'contains':'5'}}; `where.int.contains` is asked of a value of type Int",
        "{'int':{'equals':1,'mode':'insensitive'}}; is for fields of type String only",
        "{'big':{'$type':'BigInt','value':'1.5'}}; takes a value of type BigInt",
        "{'float':'1'}; takes a value of type Float",
        "{'dec':'one'}; takes a value of type Decimal",
        "{'bool':1}; takes a value of type Boolean",
        "{'bool':{'gt':false}}; `where.bool.gt` is asked of a value of type Boolean, which has no"
            + " order",
        "{'role':{'lt':'X'}}; has no order",
        "{'role':{'startsWith':'X'}}; it is for texts",
        "{'at':'tomorrow'}; takes a value of type DateTime, not the text \"tomorrow\"",
        "{'at':{'$type':'BigInt','value':'1'}};"
            + " compares a value of type DateTime with a value of type BigInt",
        "{'bytes':{'gt':'AA=='}}; has no order",
        "{'bytes':'*'}; takes a value of type Bytes",
        "{'text':{'$type':'Decimal','value':'1'}}; which is never equal",
        "{'text':{'a':1}}; is no operator",
        "{'tags':'x'}; `where.tags` is asked of a list",
        "{'tags':null}; is asked of a list",
        "{'tags':{'in':['x']}}; `where.tags.in` is asked of a list",
        "{'tags':{'gt':'x'}}; is asked of a list",
        "{'tags':{'contains':'x'}}; is asked of a list",
        "{'tags':{'has':5}}; takes a value of type String",
        "{'single':{'has':5}}; is for lists, and this field is none",
        "{'single':[5]}; takes a value of type Int, not a list",
        "{'single':{'isEmpty':true}}; is for lists",
        "{'text':{'equals':{'modelName':'Post','name':'x','typeName':'String','isEnum':false}}};"
            + " refers to another model",
        "{'text':{'equals':{'modelName':'User','name':'x','typeName':'String','isEnum':false}}};"
            + " is no field of User",
        "{'text':{'equals':{'modelName':'User','name':'int','typeName':'Int','isEnum':false}}};"
            + " compares fields of different types",
        "{'text':{'in':{'modelName':'User','name':'tags','typeName':'String','isEnum':false}}};"
            + " takes a list of values",
        "{'text':{'equals':{'modelName':'User','name':'tags','typeName':'String','isEnum':false}}};"
            + " is asked of a list",
        "{'meta':{'path':'$.a','equals':1}}; `where.meta.path` takes a list",
        "{'meta':{'path':[1],'equals':1}}; takes a list of at most",
        "{'meta':{'gt':true}}; `where.meta.gt` takes a number or a text",
        "{'meta':{'gt':null}}; takes a value, not null",
        "{'meta':{'string_contains':1}}; `where.meta.string_contains` takes a text",
        "{'meta':{'mode':'x','equals':'y'}}; is either",
        "{'meta':{'array_contains':[null]}}; takes a value, not null",
      })
  void withAModel(String where, String message) {
    FilterRefusals.assertRefused(() -> Models.where(where, Models.USER), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '#',
      value = {
        "{'where':{}}; `where` is none of name, create, update and delete",
        "{'create':null}; `create` takes an object of fields, not null",
        "{'create':true}; `create` takes an object",
        "{'create':{'a':{'x':1}}}; `create.a.x` is no operator",
        "{'update':{'email':'x'}}; `update.email` is neither after nor before",
        "{'update':[]}; `update` takes an object with after and before, not a list",
        "{'update':{'after':{'a':{'gt':{}}}}}; `update.after.a.gt` takes a number",
        "{'update':{'before':5}}; `update.before` takes an object",
        "{'delete':{'OR':[{'a':{'nope':1}}]}}; `delete.OR[0].a.nope` is no operator",
      })
  void ofStreams(String arguments, String message) {
    FilterRefusals.assertRefused(() -> PrismaFilter.read(Rows.object(arguments), null), message);
  }

  @Test
  void longNamesAreShortened() {
    String name = "n".repeat(1000);
    FilterRefusals.assertRefused(
        () -> Models.where("{'" + name + "':{'" + name + "':1}}", null), "nnn…` is no operator");
    FilterRefusals.assertRefused(
        () -> Models.where("{'a':{'contains':{'" + name + "':1}}}", null), "not an object");
    FilterRefusals.assertRefused(() -> Models.where("{'int':'" + name + "'}", Models.USER), "n…\"");
  }
}
