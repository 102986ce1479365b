// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.json.Json;
import io.freshet.server.net.MessageKind;
import io.freshet.server.net.WebSocketFrames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CodecTest {
  private final FrameWriter out = new FrameWriter();

  private String hex(Message message) {
    message.writeTo(out);
    return HexFormat.of().formatHex(DecodedFrames.payload(out));
  }

  private static String hex(byte[] frame) {
    return HexFormat.of().formatHex(Arrays.copyOfRange(frame, 2, frame.length));
  }

  // Golden bytes: protocol reference, section 21.

  @Test
  void connectionMessagesHaveTheOfficialBytes() {
    assertEquals("0610021a020803", hex(FixedFrame.PONG.bytes()));
    assertEquals("0610021a020804", hex(FixedFrame.ACCEPT.bytes()));
    ConnectionMessage.of(ConnectionAction.PING).writeTo(out);
    assertEquals("0610021a020802", HexFormat.of().formatHex(DecodedFrames.payload(out)));
  }

  @Test
  void challengeHasTheOfficialBytesAndIsReadBack() {
    String golden =
        "3210021a2e08052a1177733a2f2f682f6465657073747265616d3204302e31613a05372e302e35"
            + "420a6a617661736372697074";
    var challenge =
        new ConnectionMessage(
            ConnectionAction.CHALLENGE, "ws://h/deepstream", "0.1a", "7.0.5", "javascript");
    challenge.writeTo(out);
    assertEquals(golden, HexFormat.of().formatHex(DecodedFrames.payload(out)));
    var read = new ArrayList<ConnectionMessage>();
    new FrameReader()
        .read(
            Unpooled.wrappedBuffer(DecodedFrames.bytes(golden)),
            (topic, body) -> read.add(ConnectionMessage.decode(body)));
    assertEquals(List.of(challenge), read);
  }

  @Test
  void authSuccessHasTheOfficialBytes() {
    AuthMessage.write(out, AuthAction.AUTH_SUCCESSFUL, Json.parse("null"));
    assertEquals(
        "0c10031a08080312046e756c6c", HexFormat.of().formatHex(DecodedFrames.payload(out)));
  }

  @Test
  void recordMessagesHaveTheOfficialBytes() {
    assertEquals(
        "1010051a0c080412027b7d320272316800",
        hex(
            RecordMessage.of(RecordAction.READ_RESPONSE)
                .name("r1")
                .version(0)
                .data(Json.parse("{}"))));
    assertEquals(
        "1410051a10080632017868ffffffffffffffffff01",
        hex(RecordMessage.of(RecordAction.HEAD_RESPONSE).name("x").version(-1)));
    assertEquals(
        "1410051a10080872050a0161100072050a01621007",
        hex(RecordMessage.of(RecordAction.HEAD_RESPONSE_BULK).version("a", 0).version("b", 7)));
  }

  @Test
  void messagesOfTheOtherTopicsHaveTheOfficialBytes() {
    assertEquals(
        "0b10041a0708031a01302801",
        hex(TopicMessage.of(EventAction.SUBSCRIBE).correlationId("0").ack()));
    assertEquals(
        "1210061a0e08021201311a0263313a03616464",
        hex(
            TopicMessage.of(RpcAction.REQUEST)
                .name("add")
                .correlationId("c1")
                .data(Json.parse("1"))));
  }

  @Test
  void everyFieldOfTheOtherTopicsIsReadBackUnderItsOwnNumber() {
    var requested =
        TopicMessage.of(RpcAction.REQUEST)
            .name("n")
            .names(List.of("a", "b"))
            .correlationId("c")
            .data(Json.parse("[1]"))
            .originalAction(RpcAction.PROVIDE)
            .requestor("u", Json.parse("{\"x\":1}"))
            .error()
            .ack();
    assertEquals(
        "RPC REQUEST name=n names=a,b data=[1] correlationId=c originalAction=PROVIDE"
            + " requestorName=u requestorData={\"x\":1} isError isAck",
        readBack(requested));
    var found =
        TopicMessage.of(EventAction.SUBSCRIPTION_FOR_PATTERN_FOUND)
            .name("n")
            .names(List.of("a"))
            .subscription("s")
            .correlationId("c")
            .data(Json.parse("null"))
            .originalAction(EventAction.LISTEN)
            .error()
            .ack();
    assertEquals(
        "EVENT SUBSCRIPTION_FOR_PATTERN_FOUND name=n names=a data=null subscription=s"
            + " correlationId=c originalAction=LISTEN isError isAck",
        readBack(found));
    var denied =
        TopicMessage.of(PresenceAction.MESSAGE_DENIED)
            .name("n")
            .names(List.of("a"))
            .correlationId("c")
            .data(Json.parse("\"t\""))
            .originalAction(PresenceAction.QUERY)
            .error()
            .ack();
    assertEquals(
        "PRESENCE MESSAGE_DENIED name=n names=a data=\"t\" correlationId=c"
            + " originalAction=QUERY isError isAck",
        readBack(denied));
    // name=8 and names=9 here, 6 and 7 in events, 7 and 6 in calls
    assertEquals(
        "0d10071a09080242016e4a01614a0162".replace("0d10071a09", "0f10071a0b"),
        hex(TopicMessage.of(PresenceAction.QUERY_ALL).name("n").names(List.of("a", "b"))));
  }

  private String readBack(TopicMessage message) {
    message.writeTo(out);
    return DecodedFrames.of(out.toArray()).getFirst();
  }

  @Test
  void unknownFieldsAndWireTypesOfTheOtherTopicsArePassedOver() {
    // action 2, field 3 as a number, field 99, name as a fixed 32-bit number, name
    byte[] body = DecodedFrames.bytes("0802" + "1805" + "9a060161" + "3501020304" + "320178");
    TopicMessage message =
        TopicMessage.decode(Topic.EVENT, new WireReader(body, 0, body.length), new NameCache());
    assertEquals("EVENT EMIT name=x", DecodedFrames.describe(message));
  }

  @Test
  void aDenialHasTheOfficialBytes() {
    assertEquals(
        "0d10051a090873200132016e5012",
        hex(
            RecordMessage.of(RecordAction.MESSAGE_DENIED)
                .name("n")
                .originalAction(RecordAction.UPDATE)
                .error()));
  }

  @Test
  void anEraseBroadcastIsThePatchWithoutData() {
    // The official bytes hold an explicit isWriteAck=false (5800), which means the same as none.
    String golden = "1310051a0f08133202723158006203612e626805";
    var read = new ArrayList<String>();
    new FrameReader()
        .read(
            Unpooled.wrappedBuffer(DecodedFrames.bytes(golden)),
            (topic, body) ->
                read.add(DecodedFrames.describe(RecordMessage.decode(body, new NameCache()))));
    assertEquals(List.of("PATCH name=r1 version=5 path=a.b"), read);
    assertEquals(
        "1110051a0d0813320272316203612e626805",
        hex(RecordMessage.of(RecordAction.PATCH).name("r1").path("a.b").version(5)));
  }

  @Test
  void everyFieldSurvivesTheRoundTrip() {
    RecordMessage all =
        RecordMessage.of(RecordAction.PATCH_MULTI)
            .data(Json.parse("{\"a\":[1,null,\"ü\"]}"))
            .correlationId("c-1")
            .error()
            .ack()
            .name("driver/jäck 🚗")
            .names(List.of("a", "", "b"))
            .subscription("s")
            .originalAction(RecordAction.ERASE)
            .writeAck(true)
            .path("a[1].b")
            .version(Integer.MIN_VALUE)
            .version("x", -1)
            .version("y", Integer.MAX_VALUE);
    all.writeTo(out);
    assertEquals(
        List.of(
            "PATCH_MULTI name=driver/jäck 🚗 names=a,,b version=-2147483648 versions={x=-1,"
                + " y=2147483647} path=a[1].b data={\"a\":[1,null,\"ü\"]} subscription=s"
                + " correlationId=c-1 originalAction=ERASE isError isAck isWriteAck"),
        DecodedFrames.of(out.toArray()));
  }

  @Test
  void absentFieldsStayAbsent() {
    RecordMessage.of(RecordAction.DELETED).writeTo(out);
    assertEquals(List.of("DELETED"), DecodedFrames.of(out.toArray()));
    assertEquals("0610051a02080d", hex(RecordMessage.of(RecordAction.DELETED)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 80, 100, 110, 115, 120, 125, 126, 127, 128, 16_300, 16_384, 65_500})
  void headersFitEveryLength(int length) {
    for (int more = 0; more < 40; more++) {
      String text = "x".repeat(length + more);
      RecordMessage.of(RecordAction.DELETED).name(text).writeTo(out);
      byte[] payload = DecodedFrames.payload(out);
      ByteBuf expected = Unpooled.buffer();
      WebSocketFrames.write(expected, MessageKind.BINARY, Unpooled.wrappedBuffer(payload));
      assertArrayEquals(ByteBufUtil.getBytes(expected), out.toArray());
      assertEquals(List.of("DELETED name=" + text), DecodedFrames.of(out.toArray()));
    }
  }

  @Test
  void aMegabyteFits() {
    String text = "y".repeat(1 << 20);
    RecordMessage.of(RecordAction.DELETED).name(text).writeTo(out);
    assertEquals(127, out.toArray()[1]);
    assertEquals(List.of("DELETED name=" + text), DecodedFrames.of(out.toArray()));
  }

  // Input.

  private static List<String> decoded(String hex) {
    var read = new ArrayList<String>();
    new FrameReader()
        .read(
            Unpooled.wrappedBuffer(DecodedFrames.bytes(hex)),
            (topic, body) ->
                read.add(
                    topic
                        + " "
                        + DecodedFrames.describe(RecordMessage.decode(body, new NameCache()))));
    return read;
  }

  @Test
  void envelopeFieldsMayComeInAnyOrder() {
    assertEquals(List.of("5 READ name=x"), decoded("09" + "1a05" + "0803320178" + "1005"));
  }

  @Test
  void severalEnvelopesInOneFrameAreAllRead() {
    assertEquals(
        List.of("5 READ name=x", "5 HEAD name=x"),
        decoded("0910051a050803320178" + "0910051a050805320178"));
  }

  @Test
  void unknownFieldsAndWrongWireTypesAreSkipped() {
    // field 99 varint, field 99 bytes, name as varint, action as bytes, fixed32, fixed64
    String odd =
        "98060a" + "9a0602ffff" + "3005" + "0a0101" + "fd0601020304" + "f9060102030405060708";
    byte[] body = DecodedFrames.bytes(odd + "0803320178");
    String length = HexFormat.of().toHexDigits((byte) body.length);
    String envelopeLength = HexFormat.of().toHexDigits((byte) (body.length + 4));
    assertEquals(
        List.of("5 READ name=x"),
        decoded(envelopeLength + "10051a" + length + HexFormat.of().formatHex(body)));
  }

  @Test
  void theLastOfSeveralValuesCounts() {
    assertEquals(List.of("5 READ name=y"), decoded("0c10051a080803320178320179"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // nothing at all
        "05", // envelope longer than the frame
        "ff", // varint cut off
        "ffffffffffffffffffffff01", // varint of eleven bytes
        "0910051a0508033201", // cut off
        "0910051a060803320178", // body longer than the envelope
        "0910051a050803320278", // name longer than the body
        "0910051a0508033201ff", // not UTF-8
        "0910051a0508033201c3", // half a character
        "0b10051a0708033203edA080", // a surrogate in UTF-8
        "0a10051a06080332 02c0af", // overlong
        "0710051a03080302", // field number 0
        "0710051a0308030b", // a group
        "0410051a8080808008", // length beyond int
      })
  void whatIsNoFrameIsUndecodable(String hex) {
    String clean = hex.replace(" ", "");
    assertThrows(UndecodableException.class, () -> decoded(clean));
  }

  @Test
  void unknownActionsDecode() {
    assertEquals(List.of("5 null"), decoded("0710051a0308e707"));
  }

  @ParameterizedTest
  @MethodSource("io.freshet.testkit.Seeds#all")
  void mutatedFramesEndInATypedErrorOrAMessage(long seed) {
    var random = new Random(seed);
    RecordMessage.of(RecordAction.PATCH)
        .data(Json.parse("{\"key\":[1,2,3]}"))
        .correlationId("17")
        .name("driver/jack")
        .names(List.of("one", "two"))
        .path("a.b[2]")
        .version(77)
        .version("r", 3)
        .writeTo(out);
    byte[] original = DecodedFrames.payload(out);
    int undecodable = 0;
    var reader = new FrameReader();
    for (int round = 0; round < 20_000; round++) {
      byte[] mutated = Arrays.copyOf(original, 1 + random.nextInt(original.length + 8));
      for (int n = random.nextInt(4); n >= 0; n--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
      }
      try {
        reader.read(
            Unpooled.wrappedBuffer(mutated),
            (topic, body) -> RecordMessage.decode(body, new NameCache()));
      } catch (UndecodableException e) {
        undecodable++;
      }
    }
    assertTrue(undecodable > 1000, "mutation must hit: " + undecodable);
  }

  @Test
  void aReusedReaderSeesNothingOfTheFrameBefore() {
    var reader = new FrameReader();
    reader.read(
        Unpooled.copiedBuffer(DecodedFrames.bytes("0910051a050803320178")), (topic, body) -> {});
    assertThrows(
        UndecodableException.class,
        () ->
            reader.read(
                Unpooled.copiedBuffer(DecodedFrames.bytes("0910051a0508")), (topic, body) -> {}));
  }

  @Test
  void clientsFrom71OnUnderstandPatchMulti() {
    for (String old : new String[] {"7.0.5", "6.9", "7", "5.0.0", "x", "", "7.x", "-8.1", "7."}) {
      assertFalse(challenge(old).understandsPatchMulti(), old);
    }
    for (String recent : new String[] {"7.1.0", "7.1", "7.10.3", "8.0.0", "10", "7.1.0-beta"}) {
      assertTrue(challenge(recent).understandsPatchMulti(), recent);
    }
    assertFalse(ConnectionMessage.of(ConnectionAction.CHALLENGE).understandsPatchMulti());
  }

  private static ConnectionMessage challenge(String sdkVersion) {
    return new ConnectionMessage(ConnectionAction.CHALLENGE, null, null, sdkVersion, null);
  }

  @Test
  void actionsAreFoundByNumber() {
    for (RecordAction action : RecordAction.values()) {
      assertEquals(action, RecordAction.of(action.number()));
    }
    assertEquals(null, RecordAction.of(0));
    assertEquals(null, RecordAction.of(-1));
    assertEquals(null, RecordAction.of(119));
    assertEquals(null, RecordAction.of(Integer.MIN_VALUE));
  }

  @Test
  void textIsReadAsUtf8() {
    String name = "naïve/日本 🚗";
    RecordMessage.of(RecordAction.READ).name(name).writeTo(out);
    assertEquals(List.of("READ name=" + name), DecodedFrames.of(out.toArray()));
    assertTrue(
        new String(out.toArray(), StandardCharsets.UTF_8).contains(name), "written as UTF-8");
  }
}
