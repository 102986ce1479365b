// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Messages byte by byte, as the manual of PostgreSQL lays them out.
final class PgOutputTest {
  private final PgOutput decoder = new PgOutput();

  private LogMessage decode(String hex) {
    return decoder.decode(bytes(hex), 0);
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private static String text(Tuple tuple, int column) {
    return new String(
        tuple.bytes(), tuple.offset(column), tuple.length(column), StandardCharsets.UTF_8);
  }

  @Test
  void beginAndCommit() {
    assertEquals(
        new LogMessage.Begin(0x16B3748L, 1000, 0x2F1),
        decode("42 00000000016B3748 00000000000003E8 000002F1"));
    assertEquals(
        new LogMessage.Commit(0x16B3748L, 0x16B3778L, 1000),
        decode("43 00 00000000016B3748 00000000016B3778 00000000000003E8"));
    assertEquals(new LogMessage.Origin(5, "o"), decode("4F 0000000000000005 6F00"));
  }

  @Test
  void relationsAndTypes() {
    var described =
        assertInstanceOf(
            LogMessage.Described.class,
            decode(
                "52 F0004001 7075626C696300 557365 7200 64 0002"
                    + " 01 696400 00000017 FFFFFFFF 00 C3A400 00000019 00000004"));
    assertEquals(
        new Relation(
            0xF0004001L,
            "public",
            "User",
            'd',
            List.of(
                new Relation.Column("id", 23, -1, true), new Relation.Column("ä", 25, 4, false))),
        described.relation());
    assertEquals(
        new LogMessage.Type(0x4002, "public", "mood"),
        decode("59 00004002 7075626C696300 6D6F6F6400"));
  }

  @Test
  void rows() {
    var insert =
        assertInstanceOf(
            LogMessage.Insert.class, decode("49 00004001 4E 0003 74 00000001 31 6E 75"));
    assertEquals(0x4001, insert.relation());
    assertEquals("1", text(insert.row(), 0));
    assertEquals(Tuple.NULL, insert.row().kind(1));
    assertEquals(Tuple.UNCHANGED, insert.row().kind(2));

    var plain =
        assertInstanceOf(LogMessage.Update.class, decode("55 00004001 4E 0001 74 00000000"));
    assertNull(plain.old());
    assertEquals("", text(plain.row(), 0));

    var keyed =
        assertInstanceOf(
            LogMessage.Update.class,
            decode("55 00004001 4B 0001 74 00000001 31 4E 0001 74 00000001 32"));
    assertEquals(false, keyed.whole());
    assertEquals("1", text(java.util.Objects.requireNonNull(keyed.old()), 0));
    assertEquals("2", text(keyed.row(), 0));

    var delete =
        assertInstanceOf(LogMessage.Delete.class, decode("44 00004001 4F 0001 74 00000001 31"));
    assertTrue(delete.whole());
  }

  @Test
  void truncatesAndMessages() {
    assertEquals(
        new LogMessage.Truncate(List.of(0x4001L, 0x4002L)),
        decode("54 00000002 03 00004001 00004002"));
    assertEquals(
        new LogMessage.Message(false, 0x16B3748L, "freshet", "low"),
        decode("4D 00 00000000016B3748 6672657368657400 00000003 6C6F77"));
    assertEquals(
        new LogMessage.Message(true, 1, "", ""), decode("4D 01 0000000000000001 00 00000000"));
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    for (String hex :
        List.of(
            "",
            "5A",
            "42 00",
            "49 00004001 4F 0000",
            "49 00004001 4E 0001 62 00000001 31",
            "49 00004001 4E 0001 78",
            "49 00004001 4E 0001 74 00000002 31",
            "49 00004001 4E 0001 74 FFFFFFFF",
            "49 00004001 4E 0000 00",
            "44 00004001 4E 0000",
            "4D 00 0000000000000001 61")) {
      assertThrows(IllegalArgumentException.class, () -> decode(hex), hex);
    }
  }

  /// Whatever comes, the answer is a message or the one refusal.
  @ParameterizedTest
  @MethodSource("io.freshet.testkit.Seeds#all")
  void noBytesDoMoreThanBeRefused(long seed) {
    var random = new Random(seed);
    byte[] whole =
        bytes("52 00004001 7075626C696300 557365 7200 64 0001 01 696400 00000017 FFFFFFFF");
    for (int i = 0; i < 20_000; i++) {
      byte[] mutated = java.util.Arrays.copyOf(whole, random.nextInt(whole.length + 4));
      for (int flips = random.nextInt(4); flips > 0 && mutated.length > 0; flips--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
      }
      if (mutated.length > 0 && random.nextBoolean()) {
        mutated[0] = (byte) "BCORYIUDTM".charAt(random.nextInt(10));
      }
      try {
        decoder.decode(mutated, 0);
      } catch (IllegalArgumentException refused) {
        assertTrue(refused.getMessage().startsWith("Not a message"), refused.getMessage());
      }
    }
  }
}
