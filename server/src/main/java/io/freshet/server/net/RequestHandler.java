// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.protocol.error.ErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A connection as long as it speaks HTTP: checks each request, reads its body, answers it, or
/// turns the connection into a WebSocket and leaves. One request at a time: whoever sends a second
/// one before the answer to the first gets that answer and a close.
///
/// A request that is refused before its body has come is answered at once; what still comes of it
/// is dropped before the connection is closed, because closing with unread bytes would reset it and
/// could take the answer with it.
///
/// Threading: confined to the event loop.
final class RequestHandler extends SimpleChannelInboundHandler<HttpObject> {
  private static final Logger log = LoggerFactory.getLogger(RequestHandler.class);

  /// Answers up to here are not counted against the memory of all.
  private static final int SMALL_ANSWER_BYTES = 64 * 1024;

  private final Routes routes;
  private final AccessPolicy access;
  private final SocketLimits limits;
  private final Admission admission;
  private final LoopConnections loop;

  private @Nullable ChannelHandlerContext context;

  /// The request whose body is being read.
  private @Nullable Incoming incoming;

  /// A route is at work.
  private boolean answering;

  private boolean lastAnswer;

  /// The last answer is out, and its request's body still coming.
  private boolean lingering;

  private boolean upgraded;
  private long deadlineNanos;
  private int heldBytes;

  /// Where this connection stands in its loop's list.
  int slot = -1;

  RequestHandler(
      Routes routes,
      AccessPolicy access,
      SocketLimits limits,
      Admission admission,
      LoopConnections loop) {
    this.routes = routes;
    this.access = access;
    this.limits = limits;
    this.admission = admission;
    this.loop = loop;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    loop.add(this);
    allowTime(0);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    loop.remove(this);
    letGo();
    if (!upgraded) {
      admission.requestGone();
    }
  }

  private void letGo() {
    admission.letGo(heldBytes);
    heldBytes = 0;
  }

  /// For the next request, or for an answer of this size to be taken.
  private void allowTime(int bytes) {
    deadlineNanos = System.nanoTime() + limits.requestTimeout().toNanos() + timeFor(bytes);
  }

  private static long timeFor(int bytes) {
    return TimeUnit.SECONDS.toNanos(1) * bytes / SocketLimits.BYTES_PER_SECOND_MIN;
  }

  void tick(long nowNanos) {
    ChannelHandlerContext ctx = context;
    if (ctx != null && !answering && nowNanos - deadlineNanos > 0) {
      admission.refused(Admission.Reason.TIMEOUT);
      var _ = ctx.close();
    }
  }

  void close() {
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      var _ = ctx.close();
    }
  }

  // Reading.

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
    if (part instanceof HttpRequest request) {
      begin(ctx, request);
    }
    if (part instanceof HttpContent content) {
      read(ctx, content);
    }
  }

  private void begin(ChannelHandlerContext ctx, HttpRequest request) {
    if (answering || lastAnswer) {
      lastAnswer = true;
      return;
    }
    HttpAnswer refusal = refusal(request);
    if (refusal != null) {
      refuse(ctx, request, refusal);
      return;
    }
    var begun = Incoming.of(request, routes, remoteAddress());
    if (begun.isTooLarge(0)) {
      refuse(ctx, request, Problems.BODY_TOO_LARGE);
    } else if (!begun.expectsContinue()) {
      incoming = begun;
    } else if (begun.destination() instanceof Incoming.Destination.Fixed(HttpAnswer answer)) {
      refuse(ctx, request, answer);
    } else {
      incoming = begun;
      var _ =
          ctx.writeAndFlush(
              new DefaultFullHttpResponse(
                  HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }
  }

  private @Nullable HttpAnswer refusal(HttpRequest request) {
    if (request.decoderResult().isFailure()) {
      return request.decoderResult().cause() instanceof TooLongFrameException
          ? Problems.HEAD_TOO_LARGE
          : Problems.MALFORMED;
    }
    List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
    List<String> origins = request.headers().getAll(HttpHeaderNames.ORIGIN);
    if (hosts.size() != 1 || origins.size() > 1) {
      return Problems.MALFORMED;
    }
    Optional<String> foreign =
        access.refusal(hosts.getFirst(), origins.isEmpty() ? null : origins.getFirst());
    if (foreign.isPresent()) {
      admission.refused(Admission.Reason.FOREIGN);
      log.info("request from {} refused: {}", remoteAddress(), foreign.get());
      return HttpAnswer.problem(ErrorCode.FORBIDDEN, foreign.get());
    }
    return null;
  }

  /// Answers now, takes no further request, and closes when nothing more comes of this one.
  private void refuse(ChannelHandlerContext ctx, HttpRequest request, HttpAnswer answer) {
    lastAnswer = true;
    lingering = !request.decoderResult().isFailure();
    incoming = null;
    letGo();
    write(ctx, request, answer);
  }

  private void read(ChannelHandlerContext ctx, HttpContent content) {
    boolean last = content instanceof LastHttpContent;
    Incoming reading = incoming;
    if (lingering) {
      if (last || content.decoderResult().isFailure()) {
        lingering = false;
        var _ = ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      }
    } else if (reading != null) {
      take(ctx, reading, content);
      if (last && incoming != null) {
        incoming = null;
        complete(ctx, reading);
      }
    }
  }

  private void take(ChannelHandlerContext ctx, Incoming reading, HttpContent content) {
    int bytes = content.content().readableBytes();
    int before = reading.held();
    if (content.decoderResult().isFailure()) {
      refuse(ctx, reading.request(), Problems.MALFORMED);
    } else if (reading.isTooLarge(bytes)) {
      refuse(ctx, reading.request(), Problems.BODY_TOO_LARGE);
    } else if (!admission.hold(bytes)) {
      refuse(ctx, reading.request(), Problems.OVERLOADED);
    } else {
      reading.add(content.content());
      int kept = reading.held() - before;
      admission.letGo(bytes - kept);
      heldBytes += kept;
      deadlineNanos += timeFor(bytes);
    }
  }

  private void complete(ChannelHandlerContext ctx, Incoming whole) {
    switch (whole.destination()) {
      case Incoming.Destination.Fixed(HttpAnswer answer) -> write(ctx, whole.request(), answer);
      case Incoming.Destination.Page(HttpRoute route, HttpCall head) ->
          answer(ctx, whole.request(), route, head.withBody(whole.body()));
      case Incoming.Destination.Socket(Routes.Route.ToDoor toDoor, String path) ->
          enter(ctx, whole.request(), path, toDoor);
    }
  }

  // Pages.

  private void answer(
      ChannelHandlerContext ctx, HttpRequest request, HttpRoute route, HttpCall call) {
    answering = true;
    CompletionStage<HttpAnswer> answer;
    try {
      answer = route.answer(call);
    } catch (RuntimeException | Error failure) {
      log.error("{} failed", route.place().path(), failure);
      write(ctx, request, Problems.INTERNAL);
      return;
    }
    var _ =
        answer.whenCompleteAsync(
            (done, failure) -> {
              if (failure != null) {
                log.error("{} failed", route.place().path(), failure);
              }
              write(ctx, request, done == null ? Problems.INTERNAL : done);
            },
            ctx.executor());
  }

  private InetSocketAddress remoteAddress() {
    return (InetSocketAddress) Objects.requireNonNull(context).channel().remoteAddress();
  }

  private void write(ChannelHandlerContext ctx, HttpRequest request, HttpAnswer given) {
    answering = false;
    letGo();
    int held = ByteBufUtil.utf8Bytes(given.body());
    boolean large = held > SMALL_ANSWER_BYTES;
    boolean fits = !large || admission.hold(held);
    HttpAnswer answer = fits ? given : Problems.OVERLOADED;
    boolean keep = !lastAnswer && HttpUtil.isKeepAlive(request);
    ByteBuf body = ByteBufUtil.writeUtf8(ctx.alloc(), answer.body());
    allowTime(body.readableBytes());
    var response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()), body);
    setHeaders(response.headers(), answer, request, body.readableBytes());
    HttpUtil.setKeepAlive(response, keep);
    if (request.method().equals(HttpMethod.HEAD)) {
      body.clear();
    }
    var written = ctx.writeAndFlush(response);
    if (large && fits) {
      var _ = written.addListener(_ -> admission.letGo(held));
    }
    if (!keep) {
      lastAnswer = true;
      if (!lingering) {
        var _ = written.addListener(ChannelFutureListener.CLOSE);
      }
    }
  }

  private void setHeaders(HttpHeaders headers, HttpAnswer answer, HttpRequest request, int bytes) {
    if (!answer.contentType().isEmpty()) {
      headers.set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
      headers.set("X-Content-Type-Options", "nosniff");
    }
    headers.set(HttpHeaderNames.CONTENT_LENGTH, bytes);
    String origin = request.headers().get(HttpHeaderNames.ORIGIN);
    if (origin != null && access.letsIn(origin)) {
      headers.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
      headers.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
      headers.set(HttpHeaderNames.VARY, HttpHeaderNames.ORIGIN);
    }
    answer.headers().forEach(headers::set);
  }

  // Doors.

  private void enter(
      ChannelHandlerContext ctx, HttpRequest request, String path, Routes.Route.ToDoor toDoor) {
    HttpAnswer fault = WebSocketUpgrade.fault(request);
    if (fault != null) {
      write(ctx, request, fault);
      return;
    }
    upgraded = true;
    admission.upgraded();
    var _ = ctx.writeAndFlush(WebSocketUpgrade.accept(request));
    var handshake = handshake(request, path);
    var socket = new WebSocketConnection(ctx.channel(), loop, toDoor.meters(), limits, admission);
    ChannelPipeline pipeline = ctx.pipeline();
    pipeline.addLast(socket);
    pipeline.remove(this);
    // Last, because it passes on what it has read beyond the request.
    pipeline.remove(HttpServerCodec.class);
    socket.start(toDoor.door(), handshake);
  }

  private Handshake handshake(HttpRequest request, String path) {
    HttpHeaders headers = request.headers();
    String target = request.uri();
    String query = target.length() > path.length() ? target.substring(path.length() + 1) : "";
    return new Handshake(
        target,
        path,
        query,
        headers.get(HttpHeaderNames.HOST),
        Optional.ofNullable(headers.get(HttpHeaderNames.ORIGIN)),
        Optional.ofNullable(headers.get(HttpHeaderNames.USER_AGENT)),
        headers.entries(),
        remoteAddress());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      log.debug("request connection broke: {}", cause.getMessage());
    } else {
      log.error("request failed", cause);
    }
    var _ = ctx.close();
  }
}
