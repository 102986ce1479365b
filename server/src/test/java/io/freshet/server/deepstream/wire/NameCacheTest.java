// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.FreshetException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NameCacheTest {
  private final NameCache cache = new NameCache();

  private String read(String name) {
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    var field = new byte[utf8.length + 7];
    field[0] = (byte) (utf8.length | 0x80);
    field[1] = (byte) (utf8.length >> 7);
    System.arraycopy(utf8, 0, field, 2, utf8.length);
    return cache.text(new WireReader(field, 0, field.length));
  }

  @Test
  void theSameNameIsTheSameTextAndKey() {
    String name = read("driver/jack");
    assertEquals("driver/jack", name);
    assertSame(name, read("driver/jack"));
    assertEquals(new DocumentKey("driver", "jack"), cache.key(name));
    assertSame(cache.key(name), cache.key(read("driver/jack")));
  }

  @Test
  void namesNeverGetMixedUp() {
    var random = new Random(7);
    for (int round = 0; round < 200_000; round++) {
      String name =
          switch (random.nextInt(4)) {
            case 0 -> "AaBB".replace("Aa", random.nextBoolean() ? "BB" : "Aa") + random.nextInt(9);
            case 1 -> "n/" + random.nextInt(5000);
            case 2 -> "ü" + random.nextInt(50);
            default -> "x".repeat(random.nextInt(200)) + "y";
          };
      String read = read(name);
      assertEquals(name, read);
      assertEquals(DocumentKey.ofRecordName(name), cache.key(read));
      assertEquals(DocumentKey.ofRecordName(name), cache.key(name));
    }
  }

  @Test
  void refusedNamesStayRefused() {
    for (int again = 0; again < 2; again++) {
      assertThrows(FreshetException.class, () -> cache.key(read("")));
      assertThrows(FreshetException.class, () -> cache.key(read("a\u0001")));
    }
  }
}
