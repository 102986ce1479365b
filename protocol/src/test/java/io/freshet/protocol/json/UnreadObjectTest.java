// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.protocol.error.FreshetException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnreadObjectTest {
  private static final String TEXT = "{\"a\":{\"ä\":[1,2.5,null]},\"b\":\"\\n\",\"c\":true}";

  private static JsonObject tree() {
    return (JsonObject) Json.parse(TEXT);
  }

  private static JsonObject unread() {
    return JsonObject.unread(Json.encode(tree()));
  }

  private static JsonObject large(int members) {
    JsonObject large = JsonObject.empty();
    for (int i = 0; i < members; i++) {
      large = large.with("key" + i, JsonNumber.of(i));
    }
    return large;
  }

  @Test
  void isTheObjectItEncodes() {
    assertEquals(tree(), unread());
    assertEquals(unread(), tree());
    assertEquals(tree().hashCode(), unread().hashCode());
    assertEquals(tree().members(), unread().members());
    assertEquals(tree().size(), unread().size());
    assertEquals(tree().depth(), unread().depth());
    assertEquals(tree().get("a"), unread().get("a"));
    assertNull(unread().get("d"));
    var keys = new ArrayList<String>();
    unread().forEach((key, value) -> keys.add(key));
    assertEquals(List.of("a", "b", "c"), keys);
  }

  @Test
  void isWrittenAsItWasGiven() {
    JsonObject inside = JsonObject.of("x", unread());

    assertEquals(TEXT.getBytes(UTF_8).length, unread().encodedBytes());
    assertArrayEquals(TEXT.getBytes(UTF_8), Json.encode(unread()));
    assertEquals("{\"x\":" + TEXT + "}", Json.text(inside));
    assertEquals(inside, Json.parse(Json.text(inside)));
  }

  @Test
  void isEditedAsItsTree() {
    JsonObject unread = unread();

    assertEquals(tree().with("b", JsonNull.NULL), unread.with("b", JsonNull.NULL));
    assertEquals(tree().without("a"), unread.without("a"));
    assertSame(unread, unread.without("none"));
    for (int members : new int[] {3, 1_000}) {
      JsonObject whole = large(members);
      var editor = new ObjectEditor(JsonObject.unread(Json.encode(whole)));
      editor.put("key1", JsonNull.NULL);
      editor.put("more", JsonNull.NULL);
      editor.remove("key2");
      JsonObject expected =
          whole.with("key1", JsonNull.NULL).with("more", JsonNull.NULL).without("key2");
      assertEquals(expected, editor.object());
      assertEquals(expected.encodedBytes(), editor.object().encodedBytes());
    }
  }

  @Test
  void differencesAreFound() {
    for (int members : new int[] {3, 1_000}) {
      JsonObject before = JsonObject.unread(Json.encode(large(members)));
      JsonObject after = JsonObject.unread(Json.encode(large(members).with("key2", JsonNull.NULL)));
      var differing = new ArrayList<String>();
      before.forEachDifference(
          after,
          (key, mine, other) -> {
            if (mine == null || !mine.equals(other)) {
              differing.add(key);
            }
          });
      assertEquals(List.of("key2"), differing);
    }
  }

  @Test
  void failsWhenLookedIntoIfItIsNoObject() {
    for (String text : List.of("{\"a\":", "[1,2]", "{ \"a\":1}", "{\"a\":1.0e1}x")) {
      JsonObject wrong = JsonObject.unread(text.getBytes(UTF_8));
      assertThrows(FreshetException.class, wrong::size, text);
    }
  }
}
