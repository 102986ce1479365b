// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

import io.netty.buffer.ByteBuf;

/// Takes envelopes out of a WebSocket message (protocol reference, section 2.1). Clients send one
/// per frame; more are accepted.
///
/// The message is copied once, into an array that is used again for the next one: everything is
/// read from there.
///
/// Threading: confined to one event loop.
public final class FrameReader {
  /// Receives what was in a frame.
  public interface Sink {
    /// @param topic its number on the wire
    /// @param body valid during this call
    void onEnvelope(int topic, WireReader body);
  }

  private static final int KEPT_BYTES_MAX = 64 * 1024;
  private static final int TOPIC = WireReader.tag(2, WireReader.VARINT);
  private static final int BODY = WireReader.tag(3, WireReader.BYTES);
  private static final WireReader NO_BODY = new WireReader(new byte[0], 0, 0);

  private byte[] scratch = new byte[1024];

  /// @throws UndecodableException after the envelopes before the fault have been handed on
  public void read(ByteBuf frame, Sink sink) {
    int length = frame.readableBytes();
    byte[] bytes = scratch.length >= length ? scratch : grown(length);
    frame.getBytes(frame.readerIndex(), bytes, 0, length);
    var in = new WireReader(bytes, 0, length);
    do {
      readEnvelope(in.message(), sink);
    } while (!in.atEnd());
  }

  /// A large message gets an array of its own, so that one of them does not cost memory for ever.
  private byte[] grown(int length) {
    var bytes = new byte[length];
    if (length <= KEPT_BYTES_MAX) {
      scratch = bytes;
    }
    return bytes;
  }

  private static void readEnvelope(WireReader envelope, Sink sink) {
    int topic = 0;
    WireReader body = NO_BODY;
    while (envelope.next()) {
      if (envelope.tag() == TOPIC) {
        topic = envelope.int32();
      } else if (envelope.tag() == BODY) {
        body = envelope.message();
      } else {
        envelope.skip();
      }
    }
    sink.onEnvelope(topic, body);
  }
}
