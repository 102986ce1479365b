// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/// One JSON text from the server, read in place and only as far as the driver needs: its type,
/// which stands first, and single members, found by name ([Member]). Nobody else uses those names
/// in the driver's documents. One instance serves all frames.
final class JsonFrame {
  private static final byte[] TYPE = "{\"type\":\"".getBytes(US_ASCII);
  private static final int SHOWN_MAX = 300;

  private byte[] bytes = new byte[0];
  private int from;
  private int to;

  /// A member's name. It knows where it stood in the frame before: frames of a kind look alike, and
  /// are not searched then.
  static final class Member {
    private final byte[] key;
    private int last;

    Member(String name) {
      key = ("\"" + name + "\":").getBytes(US_ASCII);
    }
  }

  void set(byte[] frame, int begin, int end) {
    bytes = frame;
    from = begin;
    to = end;
  }

  boolean isOf(String type) {
    int at = from + TYPE.length;
    if (to - at <= type.length() || bytes[at + type.length()] != '"' || !stands(TYPE, from)) {
      return false;
    }
    for (int i = 0; i < type.length(); i++) {
      if (bytes[at + i] != type.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /// A member's whole number, in quotes or not; of several of the name, the first's.
  long number(Member member) {
    int at = value(member);
    if (at < to && bytes[at] == '"') {
      at++;
    }
    long value = 0;
    int begin = at;
    for (; at < to && bytes[at] >= '0' && bytes[at] <= '9'; at++) {
      value = value * 10 + (bytes[at] - '0');
    }
    if (at == begin) {
      throw unexpected();
    }
    return value;
  }

  /// A member's text without escapes.
  String text(Member member) {
    int begin = value(member) + 1;
    int end = begin;
    while (end < to && bytes[end] != '"') {
      end++;
    }
    return new String(bytes, begin, Math.min(end, to) - begin, UTF_8);
  }

  /// The running number in a member that [Payload#stamped] made.
  int stamp(Member member) {
    int begin = value(member) + 1;
    int end = begin;
    while (end < to && bytes[end] != '"') {
      end++;
    }
    return Payload.stamp(bytes, begin - 1, end + 1);
  }

  boolean has(Member member) {
    return find(member) >= 0;
  }

  private int value(Member member) {
    int at = find(member);
    if (at < 0) {
      throw unexpected();
    }
    return at + member.key.length;
  }

  private int find(Member member) {
    if (stands(member.key, from + member.last)) {
      return from + member.last;
    }
    for (int at = from; at <= to - member.key.length; at++) {
      if (bytes[at] == '"' && stands(member.key, at)) {
        member.last = at - from;
        return at;
      }
    }
    return -1;
  }

  private boolean stands(byte[] text, int at) {
    return at + text.length <= to
        && Arrays.equals(bytes, at, at + text.length, text, 0, text.length);
  }

  LoadException unexpected() {
    return new LoadException(
        "unexpected " + new String(bytes, from, Math.min(to - from, SHOWN_MAX), UTF_8));
  }
}
