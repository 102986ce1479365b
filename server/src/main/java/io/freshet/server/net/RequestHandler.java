// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.server.net.Routes.Route;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A connection as long as it speaks HTTP: checks each request, answers it, or turns the connection
/// into a WebSocket and leaves. One request at a time: whoever sends a second one before the answer
/// to the first gets that answer and a close.
///
/// Threading: confined to the event loop.
final class RequestHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger log = LoggerFactory.getLogger(RequestHandler.class);

  private final Routes routes;
  private final AccessPolicy access;
  private final SocketLimits limits;
  private final Admission admission;
  private final LoopConnections loop;

  private @Nullable ChannelHandlerContext context;
  private boolean answering;
  private boolean lastAnswer;
  private boolean upgraded;
  private long deadlineNanos;

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
    awaitRequest();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    loop.remove(this);
    if (!upgraded) {
      admission.requestGone();
    }
  }

  private void awaitRequest() {
    deadlineNanos = System.nanoTime() + limits.requestTimeout().toNanos();
  }

  void tick(long nowNanos) {
    ChannelHandlerContext ctx = context;
    if (ctx != null && nowNanos - deadlineNanos > 0) {
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

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
    if (answering || lastAnswer) {
      lastAnswer = true;
      return;
    }
    answering = true;
    HttpAnswer refusal = refusal(request);
    if (refusal != null) {
      lastAnswer = true;
      write(ctx, request, refusal);
      return;
    }
    String path = pathOf(request.uri());
    switch (routes.at(path)) {
      case null -> write(ctx, request, Problems.UNKNOWN_ROUTE);
      case Route.ToPage(HttpRoute page) -> answer(ctx, request, page);
      case Route.ToDoor toDoor -> enter(ctx, request, path, toDoor);
    }
  }

  private @Nullable HttpAnswer refusal(FullHttpRequest request) {
    if (request.decoderResult().isFailure()) {
      return request.decoderResult().cause() instanceof TooLongFrameException
          ? Problems.TOO_LARGE
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
      return HttpAnswer.problem(403, "forbidden", "FORBIDDEN", foreign.get());
    }
    return null;
  }

  // Pages.

  private void answer(ChannelHandlerContext ctx, FullHttpRequest request, HttpRoute page) {
    if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
      write(ctx, request, Problems.METHOD_NOT_ALLOWED.with("Allow", "GET, HEAD"));
      return;
    }
    CompletionStage<HttpAnswer> answer;
    try {
      answer = page.get(remoteAddress());
    } catch (RuntimeException | Error failure) {
      log.error("{} failed", page.path(), failure);
      write(ctx, request, Problems.INTERNAL);
      return;
    }
    var _ =
        answer.whenCompleteAsync(
            (done, failure) -> {
              if (failure != null) {
                log.error("{} failed", page.path(), failure);
              }
              write(ctx, request, done == null ? Problems.INTERNAL : done);
            },
            ctx.executor());
  }

  private InetSocketAddress remoteAddress() {
    return (InetSocketAddress) Objects.requireNonNull(context).channel().remoteAddress();
  }

  private void write(ChannelHandlerContext ctx, HttpRequest request, HttpAnswer answer) {
    answering = false;
    awaitRequest();
    boolean keep = !lastAnswer && HttpUtil.isKeepAlive(request);
    ByteBuf body = ByteBufUtil.writeUtf8(ctx.alloc(), answer.body());
    var response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()), body);
    HttpHeaders headers = response.headers();
    headers.set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
    headers.set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    answer.headers().forEach(headers::set);
    HttpUtil.setKeepAlive(response, keep);
    if (request.method().equals(HttpMethod.HEAD)) {
      body.clear();
    }
    var written = ctx.writeAndFlush(response);
    if (!keep) {
      lastAnswer = true;
      var _ = written.addListener(ChannelFutureListener.CLOSE);
    }
  }

  // Doors.

  private void enter(
      ChannelHandlerContext ctx, FullHttpRequest request, String path, Route.ToDoor toDoor) {
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
    pipeline.remove(HttpObjectAggregator.class);
    pipeline.remove(this);
    // Last, because it passes on what it has read beyond the request.
    pipeline.remove(HttpServerCodec.class);
    socket.start(toDoor.door(), handshake);
  }

  private Handshake handshake(FullHttpRequest request, String path) {
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
        remoteAddress());
  }

  private static String pathOf(String target) {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
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
