// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

/// Reads protobuf fields out of a stretch of bytes. Nothing outside the stretch is ever touched,
/// and whatever does not fit ends in [UndecodableException].
///
/// Use: `while (in.next()) switch (in.tag()) { … default -> in.skip(); }`. Every turn must take the
/// field's value or skip it. A known field with another wire type has another tag, so it is skipped
/// like an unknown one.
public final class WireReader {
  /// Wire types, the lower three bits of a tag.
  public static final int VARINT = 0;

  public static final int FIXED64 = 1;
  public static final int BYTES = 2;
  public static final int FIXED32 = 5;

  private final byte[] bytes;
  private final int end;
  private int at;
  private int tag;

  public WireReader(byte[] bytes, int from, int length) {
    this.bytes = bytes;
    this.at = from;
    this.end = from + length;
  }

  /// Moves to the next field.
  ///
  /// @return false at the end
  public boolean next() {
    if (at == end) {
      return false;
    }
    tag = (int) varint();
    if (tag >>> 3 == 0) {
      throw new UndecodableException("field number 0");
    }
    return true;
  }

  /// Field number and wire type of the field at hand.
  public int tag() {
    return tag;
  }

  public static int tag(int field, int wireType) {
    return field << 3 | wireType;
  }

  public boolean atEnd() {
    return at == end;
  }

  /// Bytes not taken yet.
  public int remaining() {
    return end - at;
  }

  /// Up to ten bytes, seven bits each, lowest first; bits above 64 are dropped.
  public long varint() {
    if (at < end && bytes[at] >= 0) {
      return bytes[at++];
    }
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at == end) {
        throw new UndecodableException("a number ends too early");
      }
      byte next = bytes[at++];
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new UndecodableException("a number is longer than ten bytes");
  }

  public int int32() {
    return (int) varint();
  }

  public boolean bool() {
    return varint() != 0;
  }

  /// Takes a length-delimited value and returns its place.
  public Slice slice() {
    int length = length();
    var slice = new Slice(bytes, at, length);
    at += length;
    return slice;
  }

  /// Takes a length-delimited value as a message of its own.
  public WireReader message() {
    int length = length();
    var message = new WireReader(bytes, at, length);
    at += length;
    return message;
  }

  /// Takes a length-delimited value as text.
  public String text() {
    return slice().text();
  }

  private int length() {
    long length = varint();
    if (length < 0 || length > end - at) {
      throw new UndecodableException("a field is longer than its message");
    }
    return (int) length;
  }

  /// Passes over the value of the field at hand.
  public void skip() {
    switch (tag & 7) {
      case VARINT -> varint();
      case FIXED64 -> skipBytes(8);
      case BYTES -> skipBytes(length());
      case FIXED32 -> skipBytes(4);
      default -> throw new UndecodableException("unknown wire type " + (tag & 7));
    }
  }

  private void skipBytes(int count) {
    if (count > end - at) {
      throw new UndecodableException("a field is longer than its message");
    }
    at += count;
  }
}
