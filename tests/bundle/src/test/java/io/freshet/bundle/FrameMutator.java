// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Makes frames that are nearly right out of frames that are right: messages of every topic and
/// action, then bits flipped, ends cut off, parts spliced, repeated or made to lie about their
/// length, JSON spoiled, and the whole cut into fragments or given a wrong header.
final class FrameMutator {
  private static final int ACTIONS_MAX = 40;
  private static final List<String> JSON =
      List.of(
          "{}",
          "[]",
          "null",
          "{\"a\":1,\"b\":[1,2,{\"c\":\"d\"}]}",
          "[{\"path\":\"a.b[1]\",\"data\":1},{\"path\":\"c\"}]",
          "\"\\ud83d\\ude00 text\"",
          "-1.5e-7",
          "{\"username\":\"u\"}");
  private static final List<String> PATHS = List.of("a", "a.b[1].c", "list[9999]", "[0]", "a..b");
  private static final List<String> PATTERNS = List.of("^fuzz/.*$", "(a+)+$", "fuzz/[0-9]{1,9}");

  private final Random random;
  private final List<byte[]> messages = new ArrayList<>();

  FrameMutator(Random random) {
    this.random = random;
    for (int topic = 0; topic <= 11; topic++) {
      for (int action = 0; action <= ACTIONS_MAX; action++) {
        messages.add(message(topic, action));
      }
    }
    messages.add(WireMessage.CHALLENGE);
    messages.add(WireMessage.LOGIN);
  }

  private byte[] message(int topic, int action) {
    boolean pattern = topic == WireMessage.RECORD && action >= WireMessage.LISTEN && action < 31;
    String name = "fuzz/" + random.nextInt(50);
    return new WireMessage.Draft(topic, action)
        .text(2, any(JSON))
        .text(3, "c" + action)
        .text(6, pattern ? any(PATTERNS) : name)
        .text(7, "fuzz/" + random.nextInt(50))
        .text(9, name)
        .number(11, random.nextInt(2))
        .text(12, any(PATHS))
        .number(13, random.nextInt(-1, 20))
        .bytes();
  }

  private String any(List<String> texts) {
    return texts.get(random.nextInt(texts.size()));
  }

  /// The bytes of one frame, or of several fragments.
  byte[] next() {
    byte[] payload = messages.get(random.nextInt(messages.size()));
    for (int times = random.nextInt(3); times > 0; times--) {
      payload = mutated(payload);
    }
    return switch (random.nextInt(40)) {
      case 0 -> wrongHeader(payload);
      case 1 -> RawSocket.frame(random.nextInt(256), payload);
      case 2, 3, 4, 5 -> fragments(payload);
      default -> RawSocket.frame(RawSocket.BINARY, payload);
    };
  }

  private byte[] mutated(byte[] payload) {
    if (payload.length == 0) {
      return payload;
    }
    int at = random.nextInt(payload.length);
    return switch (random.nextInt(8)) {
      case 0 -> Arrays.copyOf(payload, at);
      case 1 -> joined(Arrays.copyOf(payload, at), tail(messages.get(random(messages.size()))));
      case 2 -> joined(payload, tail(payload));
      case 3 -> with(payload, at, new int[] {0, 0x7F, 0x80, 0xFF}[random.nextInt(4)]);
      case 4 -> joined(Arrays.copyOf(payload, at), hugeNumber(), tail(payload));
      case 5 -> spoiledJson();
      case 6 -> joined(payload, payload);
      default -> with(payload, at, payload[at] ^ 1 << random.nextInt(8));
    };
  }

  private int random(int bound) {
    return random.nextInt(bound);
  }

  private byte[] tail(byte[] bytes) {
    return Arrays.copyOfRange(bytes, random.nextInt(bytes.length), bytes.length);
  }

  private static byte[] with(byte[] bytes, int at, int value) {
    byte[] changed = bytes.clone();
    changed[at] = (byte) value;
    return changed;
  }

  /// A varint beyond 32 bits.
  private byte[] hugeNumber() {
    byte[] number = new byte[random.nextInt(5, 12)];
    Arrays.fill(number, (byte) 0xFF);
    number[number.length - 1] = 1;
    return number;
  }

  /// A well-formed write whose JSON is not.
  private byte[] spoiledJson() {
    byte[] text = any(JSON).getBytes(StandardCharsets.UTF_8);
    int at = random.nextInt(text.length);
    byte[] spoiled =
        random.nextBoolean()
            ? with(text, at, random.nextInt(256))
            : joined(Arrays.copyOf(text, at), tail(text), tail(text));
    int[] writes = {16, 17, 18, 19, 35};
    return WireMessage.record(writes[random.nextInt(writes.length)])
        .bytes(WireMessage.DATA, spoiled)
        .named("fuzz/" + random.nextInt(50))
        .text(WireMessage.PATH, any(PATHS))
        .number(WireMessage.VERSION, -1)
        .bytes();
  }

  private byte[] wrongHeader(byte[] payload) {
    byte[] frame = RawSocket.frame(RawSocket.BINARY, payload);
    return with(frame, random.nextInt(Math.min(frame.length, 14)), random.nextInt(256));
  }

  private byte[] fragments(byte[] payload) {
    var out = new ByteArrayOutputStream();
    int from = 0;
    boolean first = true;
    while (from < payload.length) {
      int to = from + 1 + random.nextInt(payload.length - from);
      int last = to == payload.length ? 0x80 : 0;
      byte[] part = Arrays.copyOfRange(payload, from, to);
      out.writeBytes(RawSocket.frame(last | (first ? 2 : 0), part));
      if (last == 0 && random.nextInt(4) == 0) {
        out.writeBytes(RawSocket.frame(0x89, new byte[random.nextInt(126)]));
      }
      first = false;
      from = to;
    }
    return out.toByteArray();
  }

  private static byte[] joined(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
