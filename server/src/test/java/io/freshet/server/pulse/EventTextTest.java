// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.protocol.Change;
import io.freshet.protocol.Operation;
import io.freshet.protocol.filter.FieldType;
import io.freshet.protocol.filter.Model;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventTextTest {
  private static final Model MODEL =
      Model.of(
          "User",
          List.of(
              new Model.Field("id", "id", FieldType.INT, null),
              new Model.Field("name", "name", FieldType.STRING, null)),
          Set.of(),
          "id");

  private static String written(Operation operation, String before, String after) {
    Change change = Users.change(operation, "1", before, after);
    var out = new FrameText();
    EventText.Written written = new EventText(MODEL).write(out, change);
    String text = new String(out.toBytes(), StandardCharsets.UTF_8);
    assertEquals(written.written(), !text.isEmpty());
    return text.replace(change.id().text(), "ID");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      nullValues = "-",
      value = {
        "CREATE  | ``               | {\"name\":\"a\"} | create |"
            + " \"created\":{\"id\":1,\"name\":\"a\"}",
        "RESTORE | ``               | {\"name\":\"a\"} | create |"
            + " \"created\":{\"id\":1,\"name\":\"a\"}",
        "REPLACE | {\"name\":\"a\"} | {\"id\":2}       | update |"
            + " \"before\":{\"id\":1,\"name\":\"a\"},\"after\":{\"id\":2,\"name\":null}",
        "MERGE   | {\"name\":\"a\"} | {\"name\":\"b\"} | update |"
            + " \"before\":{\"id\":1,\"name\":\"a\"},\"after\":{\"id\":1,\"name\":\"b\"}",
        "MUTATE  | {}               | {\"name\":\"b\"} | update |"
            + " \"before\":{\"id\":1,\"name\":null},\"after\":{\"id\":1,\"name\":\"b\"}",
        "DELETE  | {\"name\":\"a\"} | ``               | delete |"
            + " \"deleted\":{\"id\":1,\"name\":\"a\"}",
        "EXPIRE  | {\"name\":\"a\"} | ``               | delete |"
            + " \"deleted\":{\"id\":1,\"name\":\"a\"}",
        "REPLACE | [1]              | {\"name\":\"b\"} | update |"
            + " \"before\":null,\"after\":{\"id\":1,\"name\":\"b\"}",
      })
  void writesTheEventsOfTheContract(
      Operation operation, String before, String after, String action, String rows) {
    assertEquals(
        "{\"id\":\"ID\",\"action\":\"" + action + "\",\"modelName\":\"User\"," + rows + "}",
        written(operation, before, after));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {"CREATE | `` | [1]", "REPLACE | {} | [1]", "DELETE | [1] | ``"})
  void passesOverDocumentsThatAreNoRows(Operation operation, String before, String after) {
    assertEquals("", written(operation, before, after));
  }

  @Test
  void countsMismatchesOfBothRows() {
    Change change = Users.change(Operation.REPLACE, "1", "{\"name\":1}", "{\"name\":[2]}");
    EventText.Written written = new EventText(MODEL).write(new FrameText(), change);
    assertEquals(2, written.mismatches());
    assertFalse(EventText.Written.NO_ROW.written());
  }

  @Test
  void anOpeningIsNoEvent() {
    Change change = Users.change(Operation.OPEN, "1", "", "{}");
    var text = new EventText(MODEL);
    assertThrows(IllegalArgumentException.class, () -> text.write(new FrameText(), change));
  }
}
