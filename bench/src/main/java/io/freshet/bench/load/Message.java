// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.nio.charset.StandardCharsets;

/// One server message, decoded in place: texts are ranges of the read buffer and valid only during
/// the call that hands the message over. One instance serves all messages of the driver.
final class Message {
  private byte[] bytes = new byte[0];
  private int topic;
  private int action;
  private int version;
  private boolean error;
  private boolean ack;
  private boolean writeAck;
  private int nameFrom;
  private int nameTo;
  private int correlationFrom;
  private int correlationTo;
  private int dataFrom;
  private int dataTo;
  private int position;

  int topic() {
    return topic;
  }

  int action() {
    return action;
  }

  /// -1 when the message carries none; "missing record" is the same number.
  int version() {
    return version;
  }

  boolean isError() {
    return error;
  }

  boolean isAck() {
    return ack;
  }

  boolean isWriteAck() {
    return writeAck;
  }

  /// The name, or the last of several.
  String name() {
    return text(nameFrom, nameTo);
  }

  String data() {
    return text(dataFrom, dataTo);
  }

  /// The data as another message's field.
  void copyData(MessageWriter to) {
    to.text(Wire.DATA, bytes, dataFrom, dataTo - dataFrom);
  }

  /// The correlation id as another message's field.
  void copyCorrelation(MessageWriter to) {
    to.text(Wire.CORRELATION_ID, bytes, correlationFrom, correlationTo - correlationFrom);
  }

  /// The running number in the data ([Payload#stamp]).
  int dataStamp() {
    return Payload.stamp(bytes, dataFrom, dataTo);
  }

  int dataLength() {
    return dataTo - dataFrom;
  }

  /// The correlation id as the number that [MessageWriter#decimal] made of it.
  long correlation() {
    long value = 0;
    for (int i = correlationFrom; i < correlationTo; i++) {
      value = value * 10 + (bytes[i] - '0');
    }
    return value;
  }

  /// What a failure report needs, no more.
  String describe() {
    return "topic " + topic + " action " + action + " name '" + name() + "' version " + version;
  }

  /// Decodes the one envelope that a frame holds; anything before or behind it voids the run.
  void decode(byte[] frame, int from, int to) {
    bytes = frame;
    position = from;
    clear();
    int length = (int) varint(to);
    int end = position + length;
    if (length < 0 || end != to) {
      throw new LoadException("frame of " + (to - from) + " bytes, envelope of " + length);
    }
    int bodyFrom = 0;
    int bodyTo = 0;
    while (position < end) {
      int tag = (int) varint(end);
      if (tag == (2 << 3)) {
        topic = (int) varint(end);
      } else if (tag == ((3 << 3) | 2)) {
        int size = size(end);
        bodyFrom = position;
        bodyTo = position + size;
        position = bodyTo;
      } else {
        skip(tag, end);
      }
    }
    position = bodyFrom;
    while (position < bodyTo) {
      field((int) varint(bodyTo), bodyTo);
    }
  }

  private void field(int tag, int end) {
    boolean recordLike =
        topic == Wire.TOPIC_RECORD || topic == Wire.TOPIC_EVENT || topic == Wire.TOPIC_RPC;
    if (tag == (Wire.ACTION << 3)) {
      action = (int) varint(end);
    } else if (tag == ((Wire.DATA << 3) | 2)) {
      int size = size(end);
      dataFrom = position;
      dataTo = position + size;
      position = dataTo;
    } else if (recordLike) {
      recordField(tag, end);
    } else {
      skip(tag, end);
    }
  }

  private void recordField(int tag, int end) {
    switch (tag) {
      case Wire.VERSION << 3 -> version = (int) varint(end);
      case (Wire.NAME << 3) | 2, (Wire.NAMES << 3) | 2 -> {
        int size = size(end);
        nameFrom = position;
        nameTo = position + size;
        position = nameTo;
      }
      case (Wire.CORRELATION_ID << 3) | 2 -> {
        int size = size(end);
        correlationFrom = position;
        correlationTo = position + size;
        position = correlationTo;
      }
      case Wire.IS_ERROR << 3 -> error = varint(end) != 0;
      case Wire.IS_ACK << 3 -> ack = varint(end) != 0;
      case Wire.IS_WRITE_ACK << 3 -> writeAck = varint(end) != 0;
      default -> skip(tag, end);
    }
  }

  private void clear() {
    topic = 0;
    action = 0;
    version = -1;
    error = false;
    ack = false;
    writeAck = false;
    nameFrom = 0;
    nameTo = 0;
    correlationFrom = 0;
    correlationTo = 0;
    dataFrom = 0;
    dataTo = 0;
  }

  private void skip(int tag, int end) {
    switch (tag & 7) {
      case 0 -> varint(end);
      case 1 -> advance(8, end);
      case 2 -> advance(size(end), end);
      case 5 -> advance(4, end);
      default -> throw new LoadException("wire type " + (tag & 7) + " in a message");
    }
  }

  private void advance(int count, int end) {
    if (end - position < count) {
      throw new LoadException("message ends inside a field");
    }
    position += count;
  }

  private int size(int end) {
    long size = varint(end);
    if (size < 0 || size > end - position) {
      throw new LoadException("field of " + size + " bytes, " + (end - position) + " left");
    }
    return (int) size;
  }

  private long varint(int end) {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (position >= end) {
        throw new LoadException("message ends inside a number");
      }
      byte next = bytes[position++];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new LoadException("number of more than ten bytes");
  }

  private String text(int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }
}
