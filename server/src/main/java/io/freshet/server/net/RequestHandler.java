// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.server.net.Routes.Route;
import io.freshet.server.session.Networks;
import io.freshet.server.session.TrustedProxies;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A connection as long as it speaks HTTP: checks each request, reads its body, answers it, or
/// leaves the connection to a gateway. One request at a time: whoever sends a second one before the
/// answer to the first gets that answer and a close.
///
/// A request that is refused before its body has come, or because it cannot be read, is answered at
/// once and is the last on its connection. The sending side is shut down behind the answer, and
/// what still comes is dropped until the peer closes too or its time is over, because closing with
/// unread bytes would reset the connection and could take the answer with it.
///
/// Threading: confined to the event loop.
final class RequestHandler extends SimpleChannelInboundHandler<HttpObject> {
  private static final Logger log = LoggerFactory.getLogger(RequestHandler.class);

  /// Answers up to here are not counted against the memory of all.
  private static final int SMALL_ANSWER_BYTES = 64 * 1024;

  private final RequestHead head;
  private final Routes routes;
  private final RequestCheck check;
  private final Responses responses;
  private final OpenConnection.Terms terms;
  private final Admission admission;
  private final Addresses addresses;
  private final @Nullable X509Certificate certificate;

  /// Null without limits on requests.
  private @Nullable Pace pace;

  /// Whoever a proxy speaks for has been counted.
  private boolean addressCounted;

  private @Nullable ChannelHandlerContext context;

  /// The request whose body is being read.
  private @Nullable Incoming incoming;

  /// A route is at work.
  private boolean answering;

  /// No further request is answered.
  private boolean lastAnswer;

  /// The last answer is out, and its request's body still coming.
  private boolean lingering;

  /// A gateway makes up its mind about a handshake; the client has nothing to say until then.
  private boolean judging;

  private boolean upgraded;
  private long deadlineNanos;
  private long heardNanos;
  private int heldBytes;

  /// Where this connection stands in its loop's list.
  int slot = -1;

  /// @param certificate that the peer has shown; null for none
  RequestHandler(
      RequestHead head,
      Routes routes,
      AccessPolicy access,
      OpenConnection.Terms terms,
      Addresses addresses,
      @Nullable X509Certificate certificate) {
    this.addresses = addresses;
    this.certificate = certificate;
    this.head = head;
    this.routes = routes;
    this.check = new RequestCheck(access, terms.admission());
    this.responses = new Responses(access);
    this.terms = terms;
    this.admission = terms.admission();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    terms.loop().add(this);
    allowTime(0);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    terms.loop().remove(this);
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
    heardNanos = System.nanoTime();
    deadlineNanos = heardNanos + terms.limits().requestTimeout().toNanos() + timeFor(bytes);
  }

  private static long timeFor(int bytes) {
    return TimeUnit.SECONDS.toNanos(1) * bytes / SocketLimits.BYTES_PER_SECOND_MIN;
  }

  void tick(long nowNanos) {
    ChannelHandlerContext ctx = context;
    if (ctx != null && !answering && nowNanos - deadlineNanos > 0) {
      if (!lastAnswer) {
        admission.refused(Admission.Reason.TIMEOUT);
      }
      var _ = ctx.close();
    }
  }

  void close() {
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      var _ = ctx.close();
    }
  }

  /// Since when the server has been waiting for the peer; [Long#MAX_VALUE] if it does not.
  long silentSinceNanos() {
    return answering || lastAnswer || upgraded ? Long.MAX_VALUE : heardNanos;
  }

  /// Makes room for somebody else.
  void giveWay() {
    admission.refused(Admission.Reason.CROWDED);
    close();
  }

  // Reading.

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    if (message instanceof ByteBuf beyond) {
      beyond.release();
      if (judging) {
        log.debug("connection from {} closed: it does not await the answer", remoteAddress());
        var _ = ctx.close();
      }
    } else {
      super.channelRead(ctx, message);
    }
  }

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
    int held = head.handOver();
    if (answering || lastAnswer) {
      admission.letGo(held);
      lastAnswer = true;
      return;
    }
    heldBytes += held;
    HttpAnswer refusal = check.refusal(request, remoteAddress());
    if (refusal == null && isTooFast()) {
      refusal = Problems.TOO_FAST;
    }
    if (refusal != null) {
      refuse(ctx, request, refusal);
      return;
    }
    var begun = Incoming.of(request, routes, farSide());
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

  private boolean isTooFast() {
    PeerLimits limits = terms.peers();
    if (limits.messagesPerSecond() == 0) {
      return false;
    }
    long now = System.nanoTime();
    Pace present = pace == null ? new Pace(limits, now) : pace;
    pace = present;
    boolean tooFast = present.waitNanos(now) > 0;
    present.message(now);
    if (tooFast) {
      admission.paused();
    }
    return tooFast;
  }

  /// Whether the address that a trusted proxy speaks for has too many connections open. What has no
  /// proxy was counted when it came.
  private boolean isCrowded(HttpRequest request) {
    TrustedProxies proxies = terms.peers().proxies();
    InetSocketAddress peer = remoteAddress();
    if (addressCounted || !proxies.isTrusted(peer.getAddress())) {
      return false;
    }
    List<String> said = request.headers().getAll(proxies.header().key());
    InetAddress client =
        Networks.address(
            proxies.clientOf(
                peer.getAddress().getHostAddress(),
                said.isEmpty() ? null : String.join(",", said)));
    if (client == null || addresses.enter(Objects.requireNonNull(context).channel(), client)) {
      addressCounted = true;
      return false;
    }
    admission.refused(Admission.Reason.ADDRESS);
    return true;
  }

  /// Answers now, takes no further request, and closes when nothing more comes of this one.
  private void refuse(ChannelHandlerContext ctx, HttpRequest request, HttpAnswer answer) {
    lastAnswer = true;
    lingering = true;
    incoming = null;
    letGo();
    write(ctx, request, answer);
  }

  private void read(ChannelHandlerContext ctx, HttpContent content) {
    boolean last = content instanceof LastHttpContent;
    Incoming reading = incoming;
    if (lingering) {
      if (last && content.decoderResult().isSuccess()) {
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
      case Incoming.Destination.Call(Route.ToPage(HttpRoute page), HttpCall head) ->
          answer(ctx, whole.request(), page, head.withBody(whole.body()));
      case Incoming.Destination.Call(Route.ToStream toStream, HttpCall head) ->
          open(ctx, whole.request(), toStream, head.withBody(whole.body()));
      case Incoming.Destination.Socket(Route.ToDoor toDoor, String path) ->
          enter(ctx, whole.request(), path, toDoor);
      case Incoming.Destination.Judged(Route.ToJudged toJudged, String path) ->
          judge(ctx, whole.request(), path, toJudged);
    }
  }

  // Pages and streams.

  private void answer(
      ChannelHandlerContext ctx, HttpRequest request, HttpRoute page, HttpCall call) {
    work(
        request,
        page.place().path(),
        () -> page.answer(call),
        answer -> write(ctx, request, answer));
  }

  private void open(
      ChannelHandlerContext ctx, HttpRequest request, Route.ToStream toStream, HttpCall call) {
    if (isCrowded(request)) {
      write(ctx, request, Problems.CROWDED);
      return;
    }
    work(
        request,
        toStream.place().path(),
        () -> toStream.door().open(call),
        opening -> opened(ctx, request, toStream, opening));
  }

  /// Lets a route work, and deals on the event loop with what it comes to.
  private <T> void work(
      HttpRequest request, String path, Supplier<CompletionStage<T>> route, Consumer<T> done) {
    ChannelHandlerContext ctx = Objects.requireNonNull(context);
    answering = true;
    CompletionStage<T> working;
    try {
      working = route.get();
    } catch (RuntimeException | Error failure) {
      write(ctx, request, Problems.of(failure, path));
      return;
    }
    var _ =
        working.whenCompleteAsync(
            (result, failure) -> {
              if (result != null) {
                done.accept(result);
              } else {
                Throwable cause = failure == null ? new NullPointerException("answer") : failure;
                write(ctx, request, Problems.of(cause, path));
              }
            },
            ctx.executor());
  }

  private void opened(
      ChannelHandlerContext ctx,
      HttpRequest request,
      Route.ToStream toStream,
      StreamDoor.Opening opening) {
    switch (opening) {
      case StreamDoor.Opening.Refused(HttpAnswer answer) -> write(ctx, request, answer);
      case StreamDoor.Opening.Accepted(var gateway) -> {
        if (request.method().equals(HttpMethod.HEAD)) {
          write(ctx, request, Responses.STREAM);
        } else if (ctx.channel().isActive()) {
          boolean chunked = Responses.takesChunks(request);
          var stream = new EventStreamConnection(ctx.channel(), terms, toStream.meters(), chunked);
          letGo();
          become(ctx, responses.stream(request), stream, gateway);
        }
      }
    }
  }

  /// Leaves the connection to a gateway, behind the head of an answer.
  private void become(
      ChannelHandlerContext ctx,
      HttpResponse head,
      OpenConnection connection,
      Function<Connection, SocketHandler> gateway) {
    upgraded = true;
    admission.upgraded();
    var _ = ctx.writeAndFlush(head);
    ChannelPipeline pipeline = ctx.pipeline();
    pipeline.addLast(connection);
    pipeline.remove(this);
    // Last, because it passes on what it has read beyond the request.
    pipeline.remove(HttpResponseEncoder.class);
    stopReadingRequests();
    connection.start(gateway);
  }

  private void stopReadingRequests() {
    ChannelPipeline pipeline = Objects.requireNonNull(context).pipeline();
    if (pipeline.context(head) != null) {
      pipeline.remove(head);
    }
  }

  private FarSide farSide() {
    return new FarSide(remoteAddress(), certificate);
  }

  private InetSocketAddress remoteAddress() {
    return (InetSocketAddress) Objects.requireNonNull(context).channel().remoteAddress();
  }

  private void write(ChannelHandlerContext ctx, HttpRequest request, HttpAnswer given) {
    answering = false;
    judging = false;
    letGo();
    int held = ByteBufUtil.utf8Bytes(given.body());
    boolean large = held > SMALL_ANSWER_BYTES;
    boolean fits = !large || admission.hold(held);
    boolean more = lastAnswer;
    boolean keep = !more && HttpUtil.isKeepAlive(request);
    FullHttpResponse response =
        response(request, fits ? given : Problems.OVERLOADED, keep, ctx.alloc());
    allowTime(response.content().readableBytes());
    var written = ctx.writeAndFlush(response);
    if (large && fits) {
      var _ = written.addListener(_ -> admission.letGo(held));
    }
    if (!keep) {
      lastAnswer = true;
      ChannelFutureListener end = more ? RequestHandler::shutOutput : ChannelFutureListener.CLOSE;
      var _ = written.addListener(end);
    }
  }

  private static void shutOutput(ChannelFuture written) {
    if (written.channel().isActive()) {
      SendingSide.shut(written.channel());
    }
  }

  private FullHttpResponse response(
      HttpRequest request, HttpAnswer answer, boolean keep, ByteBufAllocator allocator) {
    try {
      return responses.whole(request, answer, keep, allocator);
    } catch (IllegalArgumentException e) {
      log.error("an answer to {} cannot be sent", request.method(), e);
      return responses.whole(request, Problems.INTERNAL, keep, allocator);
    }
  }

  // Doors.

  private void enter(
      ChannelHandlerContext ctx, HttpRequest request, String path, Route.ToDoor toDoor) {
    Door door = toDoor.door();
    Handshake handshake = WebSocketUpgrade.handshake(request, path, farSide());
    HttpAnswer refusal = WebSocketUpgrade.fault(request);
    if (refusal == null) {
      refusal = isCrowded(request) ? Problems.CROWDED : refusal(door, handshake);
    }
    if (refusal != null) {
      write(ctx, request, refusal);
      return;
    }
    become(
        ctx,
        WebSocketUpgrade.accept(request, door.subprotocols()),
        new WebSocketConnection(ctx.channel(), terms, toDoor.meters()),
        connection -> door.open(connection, handshake));
  }

  private static @Nullable HttpAnswer refusal(Door door, Handshake handshake) {
    try {
      return door.refusal(handshake);
    } catch (RuntimeException | Error failure) {
      return Problems.of(failure, door.path());
    }
  }

  private void judge(
      ChannelHandlerContext ctx, HttpRequest request, String path, Route.ToJudged toJudged) {
    HttpAnswer fault = WebSocketUpgrade.fault(request);
    if (fault == null && isCrowded(request)) {
      fault = Problems.CROWDED;
    }
    if (fault != null) {
      write(ctx, request, fault);
      return;
    }
    // What comes now is no HTTP any more, and nothing that may come before the answer.
    judging = true;
    lastAnswer = true;
    stopReadingRequests();
    if (!ctx.channel().isActive()) {
      return;
    }
    Handshake handshake = WebSocketUpgrade.handshake(request, path, farSide());
    work(
        request,
        path,
        () -> toJudged.door().open(handshake),
        opening -> judged(ctx, request, toJudged, opening));
  }

  private void judged(
      ChannelHandlerContext ctx,
      HttpRequest request,
      Route.ToJudged toJudged,
      JudgedDoor.Opening opening) {
    judging = false;
    switch (opening) {
      case JudgedDoor.Opening.Refused(HttpAnswer answer) -> write(ctx, request, answer);
      case JudgedDoor.Opening.Accepted(var gateway, _) when ctx.channel().isActive() -> {
        letGo();
        become(
            ctx,
            WebSocketUpgrade.accept(request, toJudged.door().subprotocols()),
            new WebSocketConnection(ctx.channel(), terms, toJudged.meters()),
            gateway);
      }
      case JudgedDoor.Opening.Accepted(_, Runnable abandoned) -> abandoned.run();
    }
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
