// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A message of the deepstream protocol with nothing but numbers: what the door is to understand,
/// written down a second time.
///
/// @param fields by number; texts as bytes
record WireMessage(int topic, Map<Integer, List<Object>> fields) {
  static final int PARSER = 1;
  static final int CONNECTION = 2;
  static final int AUTH = 3;
  static final int RECORD = 5;

  static final int READ = 3;
  static final int READ_RESPONSE = 4;
  static final int HEAD = 5;
  static final int HEAD_RESPONSE = 6;
  static final int WRITE_ACKNOWLEDGEMENT = 14;
  static final int CREATEANDUPDATE = 16;
  static final int UPDATE = 18;
  static final int PATCH = 19;
  static final int SUBSCRIBECREATEANDREAD = 23;
  static final int LISTEN = 27;
  static final int HAS_PROVIDER = 31;
  static final int HAS_NO_PROVIDER = 32;
  static final int PATCH_MULTI = 35;
  static final int INVALID_LISTEN_REGEX = 110;
  static final int MESSAGE_DENIED = 115;
  static final int INVALID_MESSAGE_DATA = 116;

  static final int DATA = 2;
  static final int CORRELATION_ID = 3;
  static final int IS_ERROR = 4;
  static final int NAME = 6;
  static final int NAMES = 7;
  static final int IS_WRITE_ACK = 11;
  static final int PATH = 12;
  static final int VERSION = 13;

  static final byte[] CHALLENGE =
      new Draft(CONNECTION, 5).text(5, "ws://test/deepstream").text(6, "0.1a").bytes();
  static final byte[] LOGIN = new Draft(AUTH, 2).text(2, "{}").bytes();
  static final byte[] PING = new Draft(CONNECTION, 2).bytes();

  static Draft record(int action) {
    return new Draft(RECORD, action);
  }

  static WireMessage decode(byte[] payload) {
    var envelope = new Reader(payload, 0, payload.length);
    envelope.varint();
    Map<Integer, List<Object>> outer = envelope.fields();
    byte[] body = outer.containsKey(3) ? (byte[]) outer.get(3).getFirst() : new byte[0];
    return new WireMessage(
        ((Long) outer.get(2).getFirst()).intValue(), new Reader(body, 0, body.length).fields());
  }

  int action() {
    return (int) number(1);
  }

  boolean is(int expectedTopic, int action) {
    return topic == expectedTopic && action() == action;
  }

  boolean isRecord(int action) {
    return is(RECORD, action);
  }

  /// 0 when absent.
  long number(int field) {
    return fields.containsKey(field) ? (Long) fields.get(field).getFirst() : 0;
  }

  /// Empty when absent.
  String text(int field) {
    return fields.containsKey(field)
        ? new String((byte[]) fields.get(field).getFirst(), StandardCharsets.UTF_8)
        : "";
  }

  @Override
  public String toString() {
    var shown = new StringBuilder("topic " + topic);
    fields.forEach((field, values) -> {
      for (Object value : values) {
        shown.append(' ').append(field).append('=');
        shown.append(
            value instanceof byte[] text ? new String(text, StandardCharsets.UTF_8) : value);
      }
    });
    return shown.toString();
  }

  /// A message being written, field after field, with no regard for what makes sense.
  static final class Draft {
    private final int topic;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    Draft(int topic, int action) {
      this.topic = topic;
      number(1, action);
    }

    Draft number(int field, long value) {
      varint(body, (long) field << 3);
      varint(body, value);
      return this;
    }

    Draft text(int field, String text) {
      return bytes(field, text.getBytes(StandardCharsets.UTF_8));
    }

    Draft bytes(int field, byte[] value) {
      varint(body, (long) field << 3 | 2);
      varint(body, value.length);
      body.writeBytes(value);
      return this;
    }

    Draft named(String name) {
      return text(NAME, name);
    }

    /// Asks for an acknowledgement that names this id.
    Draft acknowledged(String correlationId) {
      return text(CORRELATION_ID, correlationId).number(IS_WRITE_ACK, 1);
    }

    /// The payload of its frame.
    byte[] bytes() {
      var inner = new ByteArrayOutputStream(body.size() + 12);
      varint(inner, 2 << 3);
      varint(inner, topic);
      varint(inner, 3 << 3 | 2);
      varint(inner, body.size());
      inner.writeBytes(body.toByteArray());
      var whole = new ByteArrayOutputStream(inner.size() + 5);
      varint(whole, inner.size());
      whole.writeBytes(inner.toByteArray());
      return whole.toByteArray();
    }

    private static void varint(ByteArrayOutputStream out, long value) {
      long rest = value;
      while ((rest & ~0x7FL) != 0) {
        out.write((int) (rest | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
    }
  }

  private static final class Reader {
    private final byte[] bytes;
    private final int end;
    private int at;

    Reader(byte[] bytes, int from, int to) {
      this.bytes = bytes;
      this.at = from;
      this.end = to;
    }

    long varint() {
      long value = 0;
      for (int shift = 0; ; shift += 7) {
        byte next = bytes[at++];
        value |= (long) (next & 0x7F) << shift;
        if (next >= 0) {
          return value;
        }
      }
    }

    Map<Integer, List<Object>> fields() {
      var fields = new HashMap<Integer, List<Object>>();
      while (at < end) {
        long tag = varint();
        Object value;
        if ((tag & 7) == 2) {
          int length = Math.toIntExact(varint());
          value = java.util.Arrays.copyOfRange(bytes, at, at + length);
          at += length;
        } else {
          value = varint();
        }
        fields.computeIfAbsent((int) (tag >>> 3), _ -> new ArrayList<>(1)).add(value);
      }
      return fields;
    }
  }
}
