// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.server.metrics.DoorMeters;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;

/// One HTTP answer that goes on: Server-Sent Events. What a gateway sends at once becomes one
/// chunk; to a client of HTTP/1.0, which knows no chunks, it is sent as it is, and the end of the
/// connection is the end of the answer. Whatever the peer sends after its request is dropped.
///
/// Threading: as its superclass.
final class EventStreamConnection extends OpenConnection {
  private static final ByteBuf LINE_END = constant("\r\n");
  private static final ByteBuf LAST_CHUNK = constant("0\r\n\r\n");
  private static final int CHUNK_HEADER_BYTES_MAX = 10;

  private final boolean chunked;

  EventStreamConnection(Channel channel, Terms terms, DoorMeters meters, boolean chunked) {
    super(channel, terms, meters);
    this.chunked = chunked;
  }

  private static ByteBuf constant(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return Unpooled.unreleasableBuffer(
        Unpooled.directBuffer(bytes.length).writeBytes(bytes).asReadOnly());
  }

  @Override
  void received(ByteBuf bytes) {
    bytes.release();
  }

  @Override
  int heldInputBytes() {
    return 0;
  }

  @Override
  void releaseInput() {}

  @Override
  void write(ChannelHandlerContext ctx, ByteBuf frames) {
    if (!chunked) {
      var _ = ctx.write(frames, ctx.voidPromise());
      return;
    }
    ByteBuf header = ctx.alloc().directBuffer(CHUNK_HEADER_BYTES_MAX);
    header.writeCharSequence(
        Integer.toHexString(frames.readableBytes()), StandardCharsets.US_ASCII);
    header.writeShort('\r' << 8 | '\n');
    var _ = ctx.write(header, ctx.voidPromise());
    var _ = ctx.write(frames, ctx.voidPromise());
    var _ = ctx.write(LINE_END.duplicate(), ctx.voidPromise());
  }

  /// A stream has no place for a code or a reason: a gateway that has something to say sends it as
  /// an event before.
  @Override
  ByteBuf farewell(int code, String reason) {
    return chunked ? LAST_CHUNK.duplicate() : Unpooled.EMPTY_BUFFER;
  }

  /// Nothing is expected, and only by reading does the server learn that the peer is gone.
  @Override
  public void pauseReading() {}

  @Override
  public void resumeReading() {}
}
