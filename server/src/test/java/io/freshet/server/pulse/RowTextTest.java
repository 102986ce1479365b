// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.protocol.filter.FieldType;
import io.freshet.protocol.filter.Model;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The encoding of every type, as the client's package decodes it.
class RowTextTest {
  private record Row(String text, int mismatches) {}

  private static Row row(Model model, String id, String data) {
    var out = new FrameText();
    int mismatches = new RowText(model).write(out, id, (JsonObject) Json.parse(data));
    return new Row(new String(out.toBytes(), StandardCharsets.UTF_8), mismatches);
  }

  private static Model model(FieldType type, Boolean list, String idField) {
    return Model.of("M", List.of(new Model.Field("f", "f", type, list)), Set.of(), idField);
  }

  private static Row value(FieldType type, Boolean list, String json) {
    Row row = row(model(type, list, "none"), "1", json.isEmpty() ? "{}" : "{\"f\":" + json + "}");
    String text = row.text;
    assertEquals("{\"f\":", text.substring(0, 5));
    return new Row(text.substring(5, text.length() - 1), row.mismatches);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "INT      | 7                      | 7",
        "INT      | 7.0                    | 7",
        "INT      | -2147483648            | -2147483648",
        "FLOAT    | 1.50                   | 1.5",
        "FLOAT    | 1e-7                   | 0.0000001",
        "BOOLEAN  | true                   | true",
        "BOOLEAN  | false                  | false",
        "STRING   | \"a\\u00e9\\\"\\n\"    | \"aé\\\"\\n\"",
        "STRING   | \"2026-01-01\"         | \"2026-01-01\"",
        "STRING   | \"\"                   | \"\"",
        "ENUM     | \"ADMIN\"              | \"ADMIN\"",
        "BIGINT   | 9007199254740993       | {\"$type\":\"BigInt\",\"value\":\"9007199254740993\"}",
        "BIGINT   | \"-12\"                | {\"$type\":\"BigInt\",\"value\":\"-12\"}",
        "DECIMAL  | \"12.50\"              | {\"$type\":\"Decimal\",\"value\":\"12.50\"}",
        "DECIMAL  | 12.5                   | {\"$type\":\"Decimal\",\"value\":\"12.5\"}",
        "DECIMAL  | \"1e999999\"           | {\"$type\":\"Decimal\",\"value\":\"1E+999999\"}",
        "DECIMAL  | \"+.5\"                | {\"$type\":\"Decimal\",\"value\":\"0.5\"}",
        "DATETIME | \"2026-01-31T12:30:00.123456Z\" |"
            + " {\"$type\":\"DateTime\",\"value\":\"2026-01-31T12:30:00.123456Z\"}",
        "DATETIME | \"2026-01-31 12:30:00+02\" |"
            + " {\"$type\":\"DateTime\",\"value\":\"2026-01-31T10:30:00Z\"}",
        "DATETIME | \"2026-01-31\"         |"
            + " {\"$type\":\"DateTime\",\"value\":\"2026-01-31T00:00:00Z\"}",
        "BYTES    | \"AQI=\"               | {\"$type\":\"Bytes\",\"value\":\"AQI=\"}",
        "BYTES    | \"AQI\"                | {\"$type\":\"Bytes\",\"value\":\"AQI=\"}",
        "JSON     | {\"a\":[1,null]}       |"
            + " {\"$type\":\"Json\",\"value\":\"{\\\"a\\\":[1,null]}\"}",
        "JSON     | {\"$type\":\"Date\"}   |"
            + " {\"$type\":\"Json\",\"value\":\"{\\\"$type\\\":\\\"Date\\\"}\"}",
        "JSON     | \"text\"               | {\"$type\":\"Json\",\"value\":\"\\\"text\\\"\"}",
        "JSON     | [1,2]                  | {\"$type\":\"Json\",\"value\":\"[1,2]\"}",
        "JSON     | 3                      | {\"$type\":\"Json\",\"value\":\"3\"}",
        "INT      | [1,2]                  | [1,2]",
        "STRING   | []                     | []",
        "STRING   | [\"a\",null]           | [\"a\",null]",
        "BIGINT   | [1,\"2\"]              |"
            + " [{\"$type\":\"BigInt\",\"value\":\"1\"},{\"$type\":\"BigInt\",\"value\":\"2\"}]",
      })
  void writesEachTypeAsTheClientReadsIt(FieldType type, String json, String written) {
    assertEquals(new Row(written, 0), value(type, null, json));
  }

  @ParameterizedTest
  @CsvSource({"INT", "BIGINT", "DECIMAL", "DATETIME", "BYTES", "JSON", "STRING", "ENUM"})
  void whatIsNullOrMissingIsNullAndForAListTheModelKnowsEmpty(FieldType type) {
    for (Boolean list : new Boolean[] {null, false}) {
      assertEquals(new Row("null", 0), value(type, list, "null"));
      assertEquals(new Row("null", 0), value(type, list, ""));
    }
    assertEquals(new Row("[]", 0), value(type, true, "null"));
    assertEquals(new Row("[]", 0), value(type, true, ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "INT      | 2147483648",
        "INT      | 1.5",
        "INT      | \"1\"",
        "BIGINT   | 9223372036854775808",
        "BIGINT   | \"1x\"",
        "FLOAT    | \"1\"",
        "BOOLEAN  | 1",
        "STRING   | 1",
        "STRING   | {}",
        "ENUM     | true",
        "DECIMAL  | \"NaN\"",
        "DECIMAL  | {}",
        "DATETIME | \"yesterday\"",
        "DATETIME | 1700000000000",
        "BYTES    | \"?\"",
      })
  void whatIsOfAnotherTypeIsNullAndCounted(FieldType type, String json) {
    assertEquals(new Row("null", 1), value(type, null, json));
    assertEquals(new Row("null", 1), value(type, false, json));
    assertEquals(new Row("[]", 1), value(type, true, json));
    assertEquals(new Row("[null,null]", 2), value(type, null, "[" + json + "," + json + "]"));
    assertEquals(new Row("null", 1), value(type, false, "[" + json + "]"));
  }

  @Test
  void aListOfJsonIsOneOnlyIfTheModelSaysSo() {
    String tag = "{\"$type\":\"Json\",\"value\":\"1\"}";
    assertEquals(new Row("[" + tag + "]", 0), value(FieldType.JSON, true, "[1]"));
    assertEquals(
        new Row("{\"$type\":\"Json\",\"value\":\"[1]\"}", 0), value(FieldType.JSON, false, "[1]"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "INT    | 42   | {}           | 42                                 | 0",
        "INT    | x42  | {}           | null                               | 1",
        "INT    | 42   | {\"f\":7}    | 7                                  | 0",
        "INT    | 42   | {\"f\":null} | null                               | 0",
        "BIGINT | 42   | {}           | {\"$type\":\"BigInt\",\"value\":\"42\"}  | 0",
        "STRING | 42   | {}           | \"42\"                             | 0",
        "STRING | a/b  | {}           | \"a/b\"                            | 0",
        "FLOAT  | 42   | {}           | 42                                 | 0",
        "BOOLEAN | 42  | {}           | null                               | 1",
      })
  void theDocumentsIdFillsItsFieldWhereTheDataHasNone(
      FieldType type, String id, String data, String written, int mismatches) {
    assertEquals(
        new Row("{\"f\":" + written + "}", mismatches), row(model(type, null, "f"), id, data));
  }

  @Test
  void namesFieldsAsTheModelDoesAndSendsNothingElse() {
    Row row =
        row(
            Users.wish("").model(),
            "3",
            "{\"email_address\":\"a@b\",\"email\":\"no\",\"more\":1,\"posts\":[1]}");
    assertEquals(
        "{\"id\":3,\"email\":\"a@b\",\"name\":null,\"balance\":null,\"big\":null,\"score\":null,"
            + "\"admin\":null,\"createdAt\":null,\"avatar\":null,\"meta\":null,\"role\":null,"
            + "\"tags\":[]}",
        row.text);
    assertEquals(0, row.mismatches);
  }
}
