// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpConstants;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestDecoder;
import java.util.List;

/// Reads requests, and bounds what their heads (and trailers) may take while they come: some paths
/// take longer headers than others. What is above the usual bound is counted with the bodies of all
/// requests until the head is whole, and then passes to who answers it ({@link #handOver}).
///
/// Threading: confined to the event loop.
final class RequestHead extends HttpRequestDecoder {
  private final Routes routes;
  private final Admission admission;

  /// Bytes that have been taken without anything coming of them yet.
  private int silentBytes;

  /// Of those not taken yet, how many are known to hold no line end.
  private int scannedBytes;

  private boolean inHead;
  private int lineBytes;
  private int bytesMax = SocketLimits.HEADER_BYTES_MAX;
  private int heldBytes;

  /// A head was refused: nothing after it can be told apart any more.
  private boolean refused;

  RequestHead(Routes routes, Admission admission) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(SocketLimits.REQUEST_LINE_BYTES_MAX)
            .setMaxHeaderSize(SocketLimits.LONG_HEADER_BYTES_MAX));
    this.routes = routes;
    this.admission = admission;
  }

  /// The request line is there.
  @Override
  protected HttpMessage createMessage(String[] line) throws Exception {
    HttpMessage message = super.createMessage(line);
    inHead = true;
    lineBytes = line[0].length() + line[1].length() + line[2].length() + 4;
    bytesMax =
        routes.takesLongHeaders(line[1])
            ? SocketLimits.LONG_HEADER_BYTES_MAX
            : SocketLimits.HEADER_BYTES_MAX;
    return message;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out)
      throws Exception {
    if (refused) {
      buffer.skipBytes(buffer.readableBytes());
      return;
    }
    int before = buffer.readableBytes();
    int known = out.size();
    if (!inHead || hasLineEnd(buffer)) {
      super.decode(ctx, buffer, out);
    }
    silentBytes += before - buffer.readableBytes();
    check(buffer, out, known);
  }

  /// A long line that comes in small pieces is looked through once, not with each of them.
  private boolean hasLineEnd(ByteBuf buffer) {
    int from = buffer.readerIndex() + Math.min(scannedBytes, buffer.readableBytes());
    return buffer.indexOf(from, buffer.writerIndex(), HttpConstants.LF) >= 0;
  }

  private void check(ByteBuf buffer, List<Object> out, int known) {
    boolean silent = out.size() == known;
    int bytes = silentBytes + (silent ? buffer.readableBytes() : 0) - lineBytes;
    if (bytes > bytesMax && (silent || inHead)) {
      refuse(buffer, out, known, Problems.HEAD_TOO_LARGE);
    } else if (!mayHold(bytes)) {
      refuse(buffer, out, known, Problems.OVERLOADED);
    } else if (silent) {
      scannedBytes = buffer.readableBytes();
    } else {
      begin();
      refused = out.get(known) instanceof HttpMessage read && read.decoderResult().isFailure();
    }
  }

  private boolean mayHold(int bytes) {
    int more = inHead ? bytes - SocketLimits.HEADER_BYTES_MAX - heldBytes : 0;
    if (more > 0) {
      if (!admission.hold(more)) {
        return false;
      }
      heldBytes += more;
    }
    return true;
  }

  private void refuse(ByteBuf buffer, List<Object> out, int known, HttpAnswer answer) {
    while (out.size() > known) {
      out.removeLast();
    }
    HttpObject instead =
        inHead ? createInvalidMessage() : new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
    instead.setDecoderResult(DecoderResult.failure(new RefusedHeadException(answer)));
    out.add(instead);
    buffer.skipBytes(buffer.readableBytes());
    begin();
    refused = true;
  }

  private void begin() {
    silentBytes = 0;
    scannedBytes = 0;
    lineBytes = 0;
    inHead = false;
    bytesMax = SocketLimits.HEADER_BYTES_MAX;
  }

  /// How many bytes have been counted for the head that was just read: from now on the caller's, to
  /// let go of.
  int handOver() {
    int bytes = heldBytes;
    heldBytes = 0;
    return bytes;
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext ctx) throws Exception {
    admission.letGo(handOver());
    super.handlerRemoved0(ctx);
  }
}
