// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.RowChange;
import io.freshet.testkit.Eventually;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every type of column as JSON, by what a real server sends. The database's own settings are the
/// hardest to read (see [TestDatabase]).
final class TypesIT {
  /// Type, value in SQL, JSON.
  private static final List<String[]> CASES =
      List.of(
          new String[] {"bool", "true", "true"},
          new String[] {"bool", "false", "false"},
          new String[] {"int2", "-32768", "-32768"},
          new String[] {"int4", "2147483647", "2147483647"},
          new String[] {"int8", "-9223372036854775808", "-9223372036854775808"},
          new String[] {"oid", "4294967295", "4294967295"},
          new String[] {
            "numeric", "12345678901234567890.123456789", "12345678901234567890.123456789"
          },
          new String[] {"numeric(10,2)", "-1.5", "-1.5"},
          new String[] {"numeric", "0.000", "0"},
          new String[] {"numeric", "'NaN'", "\"NaN\""},
          new String[] {"numeric", "'-Infinity'", "\"-Infinity\""},
          new String[] {"numeric", "repeat('9', 35)::numeric", "\"" + "9".repeat(35) + "\""},
          new String[] {"float4", "1.1", "1.1"},
          new String[] {"float8", "0.1", "0.1"},
          new String[] {"float8", "1e300", "1e300"},
          new String[] {"float8", "-2.5e-7", "-0.00000025"},
          new String[] {"float8", "1234567890.123456", "1234567890.123456"},
          new String[] {"float8", "'Infinity'", "\"Infinity\""},
          new String[] {"float8", "'NaN'", "\"NaN\""},
          new String[] {"text", "'a\"b\\c' || chr(10) || 'äöü€😀'", "\"a\\\"b\\\\c\\näöü€😀\""},
          new String[] {"text", "''", "\"\""},
          new String[] {"text", "NULL", "null"},
          new String[] {"varchar(5)", "'abc'", "\"abc\""},
          new String[] {"char(5)", "'abc'", "\"abc  \""},
          new String[] {"\"char\"", "'x'", "\"x\""},
          new String[] {"name", "'n'", "\"n\""},
          new String[] {"bytea", "'\\x00ff10'::bytea", "\"AP8Q\""},
          new String[] {"bytea", "''::bytea", "\"\""},
          new String[] {
            "uuid",
            "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'",
            "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\""
          },
          new String[] {"date", "'2026-01-02'", "\"2026-01-02\""},
          new String[] {"date", "'infinity'", "\"infinity\""},
          new String[] {"time", "'03:04:05.5'", "\"03:04:05.5\""},
          new String[] {"timetz", "'03:04:05+02'", "\"03:04:05+02\""},
          new String[] {
            "timestamp", "'2026-01-02 03:04:05.123456'", "\"2026-01-02T03:04:05.123456Z\""
          },
          new String[] {"timestamp", "'2026-01-02 03:04:05'", "\"2026-01-02T03:04:05Z\""},
          new String[] {"timestamptz", "'2026-01-02 03:04:05.5+02'", "\"2026-01-02T01:04:05.5Z\""},
          new String[] {"timestamptz", "'-infinity'", "\"-infinity\""},
          new String[] {"timestamp", "'12026-01-02 03:04:05'", "\"12026-01-02T03:04:05Z\""},
          new String[] {
            "timestamptz", "'0044-03-15 00:00:00+00 BC'", "\"0044-03-15 00:00:00+00 BC\""
          },
          new String[] {
            "interval", "'1 year 2 mons 3 days 04:05:06'", "\"1 year 2 mons 3 days 04:05:06\""
          },
          new String[] {
            "json", "'{\"a\": [1, 1.50, null], \"b\": {}}'", "{\"a\":[1,1.5,null],\"b\":{}}"
          },
          new String[] {"json", "'{\"a\":1,\"a\":2}'", "\"{\\\"a\\\":1,\\\"a\\\":2}\""},
          new String[] {"jsonb", "'\"text\"'", "\"text\""},
          new String[] {"jsonb", "'null'", "null"},
          new String[] {"jsonb", "'12345678901234567890.5'", "12345678901234567890.5"},
          new String[] {"xml", "'<a>1</a>'", "\"<a>1</a>\""},
          new String[] {"inet", "'10.0.0.1/8'", "\"10.0.0.1/8\""},
          new String[] {"money", "'12.34'", "\"$12.34\""},
          new String[] {"bit(4)", "B'1010'", "\"1010\""},
          new String[] {"point", "'(1,2)'", "\"(1,2)\""},
          new String[] {"int4range", "'[1,5)'", "\"[1,5)\""},
          new String[] {"int4multirange", "'{[1,3),[5,8)}'", "\"{[1,3),[5,8)}\""},
          new String[] {
            "tsrange",
            "'[2026-01-01,2026-01-02)'",
            "\"[\\\"2026-01-01 00:00:00\\\",\\\"2026-01-02 00:00:00\\\")\""
          },
          new String[] {"tsvector", "'a:1 b:2'", "\"'a':1 'b':2\""},
          new String[] {"regclass", "'pg_class'", "\"pg_class\""},
          new String[] {"int2vector", "'1 2 3'", "\"1 2 3\""},
          new String[] {"mood", "'happy'", "\"happy\""},
          new String[] {"mood[]", "'{happy,NULL,\"so so\"}'", "[\"happy\",null,\"so so\"]"},
          new String[] {"posint", "7", "7"},
          new String[] {"posint[]", "'{7,8}'", "[7,8]"},
          new String[] {"ints", "'{1,2}'", "[1,2]"},
          new String[] {"pair", "ROW(1, 'a b')", "\"(1,\\\"a b\\\")\""},
          new String[] {"pair[]", "ARRAY[ROW(1, 'a'), NULL]::pair[]", "[\"(1,a)\",null]"},
          new String[] {"hstore", "'a=>1'", "\"\\\"a\\\"=>\\\"1\\\"\""},
          new String[] {"citext", "'MiXed'", "\"MiXed\""},
          new String[] {"int4[]", "'{}'", "[]"},
          new String[] {"int4[]", "'[0:1]={1,2}'", "[1,2]"},
          new String[] {"int4[]", "'{{1,NULL},{3,4}}'", "[[1,null],[3,4]]"},
          new String[] {
            "text[]",
            "ARRAY['NULL', NULL, '', 'a,b', '{', E'q\"\\\\']",
            "[\"NULL\",null,\"\",\"a,b\",\"{\",\"q\\\"\\\\\"]"
          },
          new String[] {
            "timestamptz[]", "'{2026-01-02 03:04:05+00}'", "[\"2026-01-02T03:04:05Z\"]"
          },
          new String[] {"numeric[]", "'{1.10,NaN}'", "[1.1,\"NaN\"]"},
          new String[] {"bytea[]", "ARRAY['\\x00ff'::bytea]", "[\"AP8=\"]"},
          new String[] {"jsonb[]", "ARRAY['{\"a\": \"x,y\"}'::jsonb]", "[{\"a\":\"x,y\"}]"},
          new String[] {"bool[]", "'{t,f}'", "[true,false]"},
          new String[] {
            "box[]", "'{(1,1),(0,0);(2,2),(1,1)}'", "[\"(1,1),(0,0)\",\"(2,2),(1,1)\"]"
          });

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void everyTypeHasItsJson(int version) throws Exception {
    try (var database = TestDatabase.create(version)) {
      database.execute(
          "CREATE EXTENSION hstore",
          "CREATE EXTENSION citext",
          "CREATE TYPE mood AS ENUM ('happy', 'so so')",
          "CREATE DOMAIN posint AS int4 CHECK (VALUE > 0)",
          "CREATE DOMAIN ints AS int4[]",
          "CREATE TYPE pair AS (a int, b text)");
      var columns = new ArrayList<String>();
      var values = new ArrayList<String>();
      JsonObject expected = Json.parse("{\"id\":1}") instanceof JsonObject o ? o : null;
      for (int i = 0; i < CASES.size(); i++) {
        String[] each = CASES.get(i);
        columns.add("c%d %s".formatted(i, each[0]));
        values.add(each[1]);
        expected = expected.with("c" + i, Json.parse(each[2]));
      }
      database.execute(
          "CREATE TABLE t (id int PRIMARY KEY, %s)".formatted(String.join(", ", columns)));
      var sink = new RecordingSink();
      try (var source = TestSource.following(TestSource.options(database, "t"), sink)) {
        database.execute("INSERT INTO t VALUES (1, %s)".formatted(String.join(", ", values)));
        Eventually.holds(() -> sink.size() == 1);
        JsonObject row = ((RowChange.Inserted) sink.rows().getFirst()).row();
        for (int i = 0; i < CASES.size(); i++) {
          assertEquals(expected.get("c" + i), row.get("c" + i), String.join(" ", CASES.get(i)));
        }
        assertEquals(expected, row);
      }
    }
  }
}
