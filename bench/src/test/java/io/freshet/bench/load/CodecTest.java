// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The driver's codec against frames that the official codec produced.
class CodecTest {
  private static final HexFormat HEX = HexFormat.of();

  private final MessageWriter writer = new MessageWriter();
  private final Message message = new Message();

  @Test
  void writesPingAsTheOfficialCodecDoes() {
    writer.start(Wire.CONNECTION_PING);
    assertEquals("0610021a020802", HEX.formatHex(unmasked(Wire.TOPIC_CONNECTION)));
  }

  @Test
  void writesChallengeAsTheOfficialCodecDoes() {
    new Handshake(URI.create("ws://h/deepstream")).challenge(writer);
    assertEquals(
        "3210021a2e08052a1177733a2f2f682f6465657073747265616d3204302e31613a05372e302e35420a6a61766173"
            + "6372697074",
        HEX.formatHex(unmasked(Wire.TOPIC_CONNECTION)));
  }

  @Test
  void writesFieldsAsTheOfficialCodecDoes() {
    writer
        .start(Wire.PATCH)
        .text(Wire.NAME, "r1")
        .number(Wire.IS_WRITE_ACK, 0)
        .text(Wire.PATH, "a.b")
        .number(Wire.VERSION, 5);
    assertEquals(
        "1310051a0f08133202723158006203612e626805", HEX.formatHex(unmasked(Wire.TOPIC_RECORD)));
  }

  @Test
  void writesMinusOneInTenBytes() {
    writer.start(6).text(Wire.NAME, "x").number(Wire.VERSION, -1);
    assertEquals(
        "1410051a10080632017868ffffffffffffffffff01", HEX.formatHex(unmasked(Wire.TOPIC_RECORD)));
  }

  @Test
  void readsReadResponseWithVersionZero() {
    decode("1010051a0c080412027b7d320272316800");
    assertEquals(Wire.TOPIC_RECORD, message.topic());
    assertEquals(Wire.READ_RESPONSE, message.action());
    assertEquals("r1", message.name());
    assertEquals("{}", message.data());
    assertEquals(0, message.version());
  }

  @Test
  void readsMinusOne() {
    decode("1410051a10080632017868ffffffffffffffffff01");
    assertEquals("x", message.name());
    assertEquals(-1, message.version());
  }

  @Test
  void readsPatchThatErases() {
    decode("1310051a0f08133202723158006203612e626805");
    assertEquals(Wire.PATCH, message.action());
    assertEquals("r1", message.name());
    assertEquals(5, message.version());
    assertEquals(0, message.dataLength());
    assertFalse(message.isWriteAck());
  }

  @Test
  void readsLoginAckErrorAndForeignTopics() {
    decode("0c10031a08080312046e756c6c");
    assertEquals(Wire.TOPIC_AUTH, message.topic());
    assertEquals(Wire.AUTH_SUCCESSFUL, message.action());
    assertEquals("null", message.data());

    decode("0b10041a0708031a01302801");
    assertEquals(Wire.TOPIC_EVENT, message.topic());
    assertTrue(message.isAck());
    assertEquals(0, message.correlation());

    decode("0d10051a090873200132016e5012");
    assertTrue(message.isError());
    assertEquals("n", message.name());

    decode("1410051a10080872050a0161100072050a01621007");
    assertEquals(8, message.action());

    decode("1210061a0e08021201311a0263313a03616464");
    assertEquals(6, message.topic());
    assertEquals(2, message.action());
  }

  @Test
  void forgetsThePreviousMessage() {
    decode("1310051a0f08133202723158006203612e626805");
    decode("0610021a020803");
    assertEquals("", message.name());
    assertEquals(-1, message.version());
  }

  @Test
  void readsItsOwnCorrelationIds() {
    for (long id : new long[] {0, 9, 10, 1234567890123L}) {
      writer.start(Wire.WRITE_ACKNOWLEDGEMENT).decimal(Wire.CORRELATION_ID, id);
      byte[] envelope = unmasked(Wire.TOPIC_RECORD);
      message.decode(envelope, 0, envelope.length);
      assertEquals(id, message.correlation());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0510021a020802", // one byte behind the envelope
        "0710021a020802", // one byte missing
        "0610021a030802", // body longer than the envelope
        "06100213020802", // unknown wire type
        "ffffffffffffffffffff01" // endless number
      })
  void refusesBrokenEnvelopes(String hex) {
    assertThrows(LoadException.class, () -> decode(hex));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 127, 65535, 65536, 200_000})
  void cutsFramesWhereverTheReadEnds(int size) {
    byte[] payload = new byte[size];
    Arrays.fill(payload, (byte) 7);
    byte[] header = header(size);
    byte[] stream = concat(header, payload, header, payload);
    for (int end : new int[] {0, 1, header.length, header.length + size, stream.length - 1}) {
      List<byte[]> frames = new ArrayList<>();
      int whole = end >= header.length + size ? 1 : 0;
      int rest = FrameReader.read(stream, 0, end, (op, b, f, t) -> frames.add(range(b, f, t)));
      assertEquals(whole * (header.length + size), rest);
      assertEquals(whole, frames.size());
      int after =
          FrameReader.read(
              stream, rest, stream.length, (op, b, f, t) -> frames.add(range(b, f, t)));
      assertEquals(stream.length, after);
      assertEquals(2, frames.size());
      frames.forEach(frame -> assertArrayEquals(payload, frame));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"8280000000000", "02010a00", "c2010a00", "82ffffffffffffffffff"})
  void refusesMaskedFragmentedReservedAndEndlessFrames(String hex) {
    byte[] bytes = HEX.parseHex(hex.length() % 2 == 0 ? hex : hex + "0");
    assertThrows(
        LoadException.class, () -> FrameReader.read(bytes, 0, bytes.length, (op, b, f, t) -> {}));
  }

  @Test
  void keepsPayloadsAtTheirSize() {
    assertEquals(100, new Payload(100).stamped(42).length);
    assertFalse(Arrays.equals(new Payload(20).stamped(1), new Payload(20).stamped(2)));
    for (int size : new int[] {1000, 100_000, 1_000_000}) {
      assertEquals(size, Payload.document(size).length);
    }
  }

  private void decode(String hex) {
    byte[] bytes = HEX.parseHex(hex);
    message.decode(bytes, 0, bytes.length);
  }

  /// What a server gets out of the frame that the writer makes.
  private byte[] unmasked(int topic) {
    var out = new OutBuffer();
    writer.appendTo(out, topic);
    byte[] frame = Arrays.copyOf(out.bytes(), out.reserve(0));
    assertEquals((byte) 0x82, frame[0]);
    assertEquals(0x80, frame[1] & 0x80, "client frames are masked");
    int size = frame[1] & 0x7f;
    assertEquals(frame.length, 6 + size);
    byte[] payload = Arrays.copyOfRange(frame, 6, frame.length);
    for (int i = 0; i < size; i++) {
      payload[i] ^= frame[2 + i % 4];
    }
    return payload;
  }

  private static byte[] header(int size) {
    if (size < 126) {
      return new byte[] {(byte) 0x82, (byte) size};
    }
    return size < 65536
        ? new byte[] {(byte) 0x82, 126, (byte) (size >> 8), (byte) size}
        : new byte[] {
          (byte) 0x82, 127, 0, 0, 0, 0, 0, (byte) (size >> 16), (byte) (size >> 8), (byte) size
        };
  }

  private static byte[] range(byte[] bytes, int from, int to) {
    return Arrays.copyOfRange(bytes, from, to);
  }

  private static byte[] concat(byte[]... parts) {
    var text = new StringBuilder();
    for (byte[] part : parts) {
      text.append(new String(part, StandardCharsets.ISO_8859_1));
    }
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}
