// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.password4j.Argon2Function;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Argon2Test {
  private static final long SEED = 9106;

  /// What Python's `hashlib` says, whose first is that of RFC 7693, appendix A.
  @ParameterizedTest
  @CsvSource({
    "abc, 1, 64, ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
        + "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
    "'', 1, 32, 0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8",
    "x, 128, 64, 082b91ea2e15d1556d2ceefdd5af5d64d31b4e01aff1959724578876293825b2"
        + "36ee8079173a0a38160d7d6685d6bca0bfb62c177b3599b8727d9173e2115b91",
    "y, 129, 20, 8cc634c29aac855cc630e867c55e8347c881a0ac",
    "ab, 128, 64, c3adff6293c6678c57646e6b94ae070df77167f31740c0fc626951b20af7e7f5"
        + "2bb20fa931780f26dbcebdf280f151471ae0e831761eb7f132230a45a6e99c6f",
    "z, 1000, 1, a7",
  })
  void hashesAsTheStandardSays(String text, int times, int length, String hex) {
    byte[] bytes = text.repeat(times).getBytes(StandardCharsets.ISO_8859_1);
    assertEquals(hex, HexFormat.of().formatHex(Blake2b.hash(length, bytes)));
    byte[] first = Arrays.copyOf(bytes, bytes.length / 2);
    byte[] rest = Arrays.copyOfRange(bytes, bytes.length / 2, bytes.length);
    assertEquals(hex, HexFormat.of().formatHex(Blake2b.hash(length, first, new byte[0], rest)));
  }

  /// Another implementation is the judge. Each hash is made in the memory that others have used.
  @Test
  void makesTheHashesThatOthersMake() {
    var random = new SplittableRandom(SEED);
    for (int i = 0; i < 60; i++) {
      int lanes = 1 + random.nextInt(4);
      int memoryKib = 8 * lanes + random.nextInt(600);
      int passes = 1 + random.nextInt(4);
      int length = 4 + random.nextInt(140);
      var password = new byte[random.nextInt(150)];
      var salt = new byte[8 + random.nextInt(40)];
      random.nextBytes(password);
      random.nextBytes(salt);
      byte[] expected =
          Argon2Function.getInstance(
                  memoryKib, passes, lanes, length, com.password4j.types.Argon2.ID)
              .hash(password, salt)
              .getBytes();
      var cost = new Argon2.Cost(memoryKib, passes, lanes);
      assertEquals(
          HexFormat.of().formatHex(expected),
          HexFormat.of().formatHex(Argon2.hash(password, salt, cost, length)),
          () -> cost + ", seed " + SEED);
    }
  }

  @Test
  void refusesACostThatIsNone() {
    assertThrows(IllegalArgumentException.class, () -> new Argon2.Cost(7, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new Argon2.Cost(64, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> new Argon2.Cost(64, 1, 0));
  }
}
