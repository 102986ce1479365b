// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Sync contract, section 4.2, on the document `d1` that was just merged into.
class SyncFilterTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '#',
      value = {
        "{}; {}; TRUE",
        "{'status':'active'}; {'status':'active'}; TRUE",
        "{'status':'active'}; {'status':'ended'}; FALSE",
        "{'status':'active'}; {}; UNKNOWN",
        "{'status':'active','n':1}; {'status':'active','n':1.0}; TRUE",
        "{'status':'active','n':1}; {'status':'active','n':2}; FALSE",
        "{'a':null}; {}; TRUE",
        "{'a':null}; {'a':null}; TRUE",
        "{'a':null}; {'a':false}; FALSE",
        "{'a':[1,{'b':2}]}; {'a':[1,{'b':2}]}; TRUE",
        "{'a':[1]}; {'a':[1,2]}; FALSE",
        "{'user.name':'Ada'}; {'user':{'name':'Ada'}}; TRUE",
        "{'/user/name':'Ada'}; {'user':{'name':'Ada'}}; TRUE",
        "{'tags.0':'x'}; {'tags':['x']}; TRUE",
        // The document's own id, and a member of that name.
        "{'id':'d1'}; {'id':'other'}; TRUE",
        "{'id':'other'}; {'id':'other'}; FALSE",
        "{'/id':'other'}; {'id':'other'}; TRUE",
        "{'id':{'prefix':'d'}}; {}; TRUE",
        "{'id':{'in':['d1','d2']}}; {}; TRUE",
        "{'id':{'ne':'d1'}}; {}; FALSE",
        "{'id':{'gt':'d0','lte':'d1'}}; {}; TRUE",
        "{'id':{'contains':'1'}}; {}; TRUE",
        "{'operation':'merge'}; {}; TRUE",
        "{'operation':'create'}; {}; FALSE",
        "{'operation':{'in':['create','merge']}}; {}; TRUE",
        "{'operation':{'ne':'delete'}}; {}; TRUE",
        "{'/operation':'x'}; {'operation':'x'}; TRUE",
        // Operators.
        "{'n':{'gt':1,'lte':3}}; {'n':3}; TRUE",
        "{'n':{'gte':1,'lt':3}}; {'n':3}; FALSE",
        "{'n':{'gt':1}}; {'n':'2'}; UNKNOWN",
        "{'n':{'gt':'a'}}; {'n':'b'}; TRUE",
        "{'n':{'ne':1}}; {'n':2}; TRUE",
        "{'n':{'ne':1}}; {'n':1}; FALSE",
        "{'n':{'ne':1}}; {}; UNKNOWN",
        "{'n':{'ne':null}}; {'n':1}; TRUE",
        "{'n':{'ne':null}}; {}; FALSE",
        "{'n':{'ne':[1]}}; {'n':[2]}; TRUE",
        "{'n':{'in':[1,'x',{'a':1}]}}; {'n':{'a':1}}; TRUE",
        "{'n':{'in':[1,null]}}; {}; TRUE",
        "{'n':{'in':[1,null]}}; {'n':2}; FALSE",
        "{'n':{'in':[]}}; {'n':2}; FALSE",
        "{'n':{'exists':true}}; {'n':null}; TRUE",
        "{'n':{'exists':true}}; {}; FALSE",
        "{'n':{'exists':false}}; {}; TRUE",
        "{'s':{'prefix':'ab'}}; {'s':'abc'}; TRUE",
        "{'s':{'prefix':'bc'}}; {'s':'abc'}; FALSE",
        "{'s':{'prefix':'1'}}; {'s':1}; UNKNOWN",
        "{'s':{'contains':'b'}}; {'s':'abc'}; TRUE",
        "{'s':{'contains':'b'}}; {'s':['a','b']}; TRUE",
        "{'s':{'contains':'b'}}; {'s':['ab']}; UNKNOWN",
        "{'s':{'contains':2}}; {'s':[1,2]}; TRUE",
        "{'s':{'contains':{'a':1}}}; {'s':[{'a':1}]}; TRUE",
        "{'s':{'contains':2}}; {'s':'2'}; UNKNOWN",
      })
  void saysWhatTheContractSays(String filter, String data, Ternary expected) {
    Filter read = SyncFilter.read(Rows.object(filter));
    assertEquals(expected, read.test(Rows.row(data)), () -> read + " on " + data);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '#',
      value = {
        "{'a':{'eq':1}}; `filter.a.eq` is no operator; there are gt, gte, lt, lte, ne, in, exists",
        "{'a':{'b':1}}; {\"in\": [{…}]}",
        "{'a':{}}; `filter.a` has an object without operators",
        "{'a':{'$gt':1}}; is no operator",
        "{'a':{'in':1}}; `filter.a.in` takes a list",
        "{'a':{'gt':true}}; `filter.a.gt` takes a number or a text, not a boolean",
        "{'a':{'gt':null}}; takes a value, not null",
        "{'a':{'prefix':1}}; takes a text",
        "{'a':{'contains':null}}; takes a value, not null",
        "{'a':{'exists':'yes'}}; takes true or false",
        "{'a.':1}; `filter.a.` is no path",
        "{'__proto__x.__proto__':1}; is no path",
        "{'id':5}; `filter.id` takes a text, not the number 5",
        "{'id':null}; takes a text, not null",
        "{'id':{'in':[5]}}; `filter.id.in[0]` takes a text",
        "{'id':{'contains':5}}; takes a text",
        "{'id':{'exists':true}}; is not asked of what every change has",
        "{'operation':'patch'}; `filter.operation` is one of create, replace, merge, mutate,"
            + " delete",
        "{'operation':'open'}; is one of create",
        "{'operation':{'in':['create','open']}}; `filter.operation.in[1]` is one of",
        "{'operation':{'prefix':'d'}}; is not asked of an operation",
        "{'operation':{'gt':'a'}}; is not asked of an operation",
      })
  void refusesTheRest(String filter, String message) {
    FilterRefusals.assertRefused(() -> SyncFilter.read(Rows.object(filter)), message);
  }

  @Test
  void listsAreDocumentsToo() {
    Row list = Rows.row("[{'n':1}]");
    assertEquals(Ternary.TRUE, SyncFilter.read(Rows.object("{'0.n':1}")).test(list));
    assertEquals(Ternary.UNKNOWN, SyncFilter.read(Rows.object("{'n':1}")).test(list));
  }

  @Test
  void isSugarForPrismasLanguage() {
    assertEquals(
        PrismaFilter.where(Rows.object("{'a':{'not':1,'gte':0,'startsWith':'x'}}"), null),
        SyncFilter.read(Rows.object("{'a':{'prefix':'x','ne':1,'gte':0}}")));
    assertEquals(
        PrismaFilter.where(Rows.object("{'OR':[{'a':'x'},{'a':null},{'a':2}]}"), null),
        SyncFilter.read(Rows.object("{'a':{'in':[2,null,'x']}}")));
  }
}
