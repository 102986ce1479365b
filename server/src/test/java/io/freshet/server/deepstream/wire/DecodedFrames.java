// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/// Reads what a server sent, as text that tests compare: `PATCH name=r version=2 path=a data=1`.
public final class DecodedFrames {
  private static final String[] CONNECTION = names("2 PING", "3 PONG", "4 ACCEPT", "5 CHALLENGE");

  private DecodedFrames() {}

  private static String[] names(String... entries) {
    var table = new String[8];
    for (String entry : entries) {
      table[entry.charAt(0) - '0'] = entry.substring(2);
    }
    return table;
  }

  /// Takes every complete WebSocket frame out of the bytes; each must hold exactly one message.
  ///
  /// @param records sees each message of topic RECORD
  public static List<String> of(ByteBuf bytes, Consumer<RecordMessage> records) {
    var messages = new ArrayList<String>();
    while (bytes.isReadable()) {
      if (bytes.readUnsignedByte() != 0x82) {
        throw new AssertionError("not a final unmasked binary frame");
      }
      long length = bytes.readUnsignedByte();
      length =
          length == 126 ? bytes.readUnsignedShort() : length == 127 ? bytes.readLong() : length;
      messages.add(message(bytes.readBytes(Math.toIntExact(length)), records));
    }
    return messages;
  }

  public static List<String> of(byte[] frame) {
    return of(Unpooled.wrappedBuffer(frame), message -> {});
  }

  private static String message(ByteBuf payload, Consumer<RecordMessage> records) {
    var seen = new ArrayList<String>();
    new FrameReader().read(payload, (topic, body) -> seen.add(describe(topic, body, records)));
    payload.release();
    if (seen.size() != 1) {
      throw new AssertionError("a frame must hold exactly one message: " + seen);
    }
    return seen.getFirst();
  }

  public static String describe(int number, WireReader body, Consumer<RecordMessage> records) {
    Topic topic = Topic.of(number);
    if (topic == null) {
      throw new AssertionError("topic " + number);
    }
    return switch (topic) {
      case CONNECTION -> {
        int action = ConnectionMessage.decode(body).action();
        yield "CONNECTION " + (action < 8 ? CONNECTION[action] : Integer.toString(action));
      }
      case AUTH -> {
        AuthMessage message = AuthMessage.decode(body);
        yield "AUTH " + message.action() + data(message.data());
      }
      case PARSER -> {
        body.next();
        yield "PARSER " + body.int32();
      }
      case RECORD -> {
        RecordMessage message = RecordMessage.decode(body, new NameCache());
        records.accept(message);
        yield describe(message);
      }
      case EVENT, RPC, PRESENCE -> describe(TopicMessage.decode(topic, body, new NameCache()));
    };
  }

  public static String describe(RecordMessage message) {
    var text = new StringBuilder(String.valueOf(RecordAction.of(message.actionNumber())));
    add(text, "name", message.name());
    if (!message.names().isEmpty()) {
      add(text, "names", String.join(",", message.names()));
    }
    add(text, "version", message.hasVersion() ? message.version() : null);
    if (!message.versions().isEmpty()) {
      add(text, "versions", message.versions());
    }
    add(text, "path", message.path());
    text.append(data(message.data()));
    add(text, "subscription", message.subscription());
    add(text, "correlationId", message.correlationId());
    if (message.originalAction() != 0) {
      add(text, "originalAction", RecordAction.of(message.originalAction()));
    }
    text.append(message.isError() ? " isError" : "");
    text.append(message.isAck() ? " isAck" : "");
    text.append(message.isWriteAck() ? " isWriteAck" : "");
    return text.toString();
  }

  /// The topic stands in front, since they have actions of the same name.
  public static String describe(TopicMessage message) {
    Topic topic = message.topic();
    var text = new StringBuilder(topic + " " + ActionNames.of(topic, message.actionNumber()));
    add(text, "name", message.name());
    if (!message.names().isEmpty()) {
      add(text, "names", String.join(",", message.names()));
    }
    text.append(data(message.data()));
    add(text, "subscription", message.subscription());
    add(text, "correlationId", message.correlationId());
    if (message.originalAction() != 0) {
      add(text, "originalAction", ActionNames.of(topic, message.originalAction()));
    }
    add(text, "requestorName", message.requestorName());
    add(text, "requestorData", message.requestorData());
    text.append(message.isError() ? " isError" : "");
    text.append(message.isAck() ? " isAck" : "");
    return text.toString();
  }

  private static void add(StringBuilder text, String field, Object value) {
    if (value != null) {
      text.append(' ').append(field).append('=').append(value);
    }
  }

  private static String data(Slice data) {
    return data == null
        ? ""
        : " data=" + new String(data.bytes(), data.from(), data.length(), StandardCharsets.UTF_8);
  }

  /// The bytes of a frame without its WebSocket header.
  public static byte[] payload(FrameWriter composed) {
    byte[] frame = composed.toArray();
    int header = frame[1] == 126 ? 4 : frame[1] == 127 ? 10 : 2;
    return java.util.Arrays.copyOfRange(frame, header, frame.length);
  }

  public static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }
}
