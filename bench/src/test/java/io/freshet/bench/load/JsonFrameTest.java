// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.bench.load.JsonFrame.Member;
import org.junit.jupiter.api.Test;

class JsonFrameTest {
  private final Member revision = new Member("revision");
  private final Member id = new Member("id");

  @Test
  void tellsTypesApart() {
    JsonFrame frame = frame("{\"type\":\"stream\",\"x\":1}");
    assertTrue(frame.isOf("stream"));
    assertFalse(frame.isOf("streaming"));
    assertFalse(frame.isOf("strea"));
    assertFalse(frame("{\"x\":1,\"type\":\"stream\"}").isOf("stream"));
    assertFalse(frame("{\"type\":\"str").isOf("stream"));
  }

  @Test
  void findsMembersWhereverTheyStand() {
    JsonFrame frame = frame("{\"type\":\"a\",\"id\":\"x7\",\"revision\":12}");
    assertEquals(12, frame.number(revision));
    assertEquals("x7", frame.text(id));
    frame = frame("{\"type\":\"a\",\"revision\":345,\"id\":\"y\"}");
    assertEquals(345, frame.number(revision));
    assertEquals("y", frame.text(id));
    frame = frame("{\"type\":\"a\",\"revision\":\"6\",\"id\":\"z\"}");
    assertEquals(6, frame.number(revision));
    assertEquals("z", frame.text(id));
  }

  @Test
  void missesMembersThatAreNotThere() {
    assertEquals(1, frame("{\"type\":\"a\",\"revision\":1}").number(revision));
    JsonFrame without = frame("{\"type\":\"a\",\"revisions\":1}");
    assertThrows(LoadException.class, () -> without.number(revision));
    assertThrows(LoadException.class, () -> without.text(id));
    JsonFrame noNumber = frame("{\"type\":\"a\",\"revision\":null}");
    assertThrows(LoadException.class, () -> noNumber.number(revision));
  }

  private static JsonFrame frame(String text) {
    // In the middle of a buffer, with a member behind the frame that must not be seen.
    byte[] bytes = ("###" + text + "{\"revision\":99,\"id\":\"no\"}").getBytes(UTF_8);
    var frame = new JsonFrame();
    frame.set(bytes, 3, 3 + text.length());
    return frame;
  }
}
