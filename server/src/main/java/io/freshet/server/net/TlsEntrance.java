// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.protocol.error.ErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The beginning of an encrypted connection. Stands before the encryption until both sides have
/// agreed, and sees when the peer was last heard. Who speaks plain HTTP is told in plain HTTP.
///
/// Threading: confined to the event loop.
final class TlsEntrance extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(TlsEntrance.class);
  private static final int HANDSHAKE_RECORD = 22;
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final ByteBuf USE_TLS = useTls();

  private final TlsHandshakes shared;
  private final OpenConnection.Terms terms;
  private final Consumer<@Nullable X509Certificate> agreed;

  /// What is being computed for this connection; then it is not its peer that is awaited.
  private final AtomicInteger computing = new AtomicInteger();

  private @Nullable ChannelHandlerContext context;
  private boolean begun;
  private boolean plain;
  private boolean counted = true;
  private boolean over;
  private long deadlineNanos;
  private long heardNanos;

  TlsEntrance(
      TlsHandshakes shared,
      OpenConnection.Terms terms,
      Consumer<@Nullable X509Certificate> agreed) {
    this.shared = shared;
    this.terms = terms;
    this.agreed = agreed;
  }

  private static ByteBuf useTls() {
    String body =
        HttpAnswer.problem(
                ErrorCode.INVALID_ARGUMENT,
                "this port speaks TLS; use https:// or wss:// instead of http:// or ws://")
            .body();
    String text =
        "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length()
            + "\r\nConnection: close\r\n\r\n"
            + body;
    return Unpooled.unreleasableBuffer(
        Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII).asReadOnly());
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    heardNanos = System.nanoTime();
    deadlineNanos = heardNanos + shared.timeoutNanos();
    terms.loop().add(this);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    terms.loop().remove(this);
    if (counted) {
      shared.admission().handshakeGone();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end(TlsHandshakes.Outcome.GONE);
    ctx.fireChannelInactive();
  }

  private void end(TlsHandshakes.Outcome outcome) {
    if (!over) {
      over = true;
      shared.ended(outcome);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    heardNanos = System.nanoTime();
    if (plain || !(message instanceof ByteBuf bytes)) {
      ReferenceCountUtil.release(message);
    } else if (begun || !bytes.isReadable()) {
      ctx.fireChannelRead(bytes);
    } else if (bytes.getUnsignedByte(bytes.readerIndex()) == HANDSHAKE_RECORD) {
      begun = true;
      ctx.pipeline().addLast(encryption(ctx)).addLast(new Agreement());
      ctx.fireChannelRead(bytes);
    } else {
      bytes.release();
      refusePlain(ctx);
    }
  }

  private SslHandler encryption(ChannelHandlerContext ctx) {
    SslHandler handler =
        shared
            .context()
            .newHandler(
                ctx.alloc(),
                task -> {
                  computing.incrementAndGet();
                  shared
                      .computing()
                      .execute(() -> {
                        try {
                          task.run();
                        } finally {
                          computing.decrementAndGet();
                        }
                      });
                });
    // The loop's clock does that for all.
    handler.setHandshakeTimeoutMillis(0);
    return handler;
  }

  private void refusePlain(ChannelHandlerContext ctx) {
    plain = true;
    deadlineNanos = System.nanoTime() + LINGER_NANOS;
    end(TlsHandshakes.Outcome.PLAIN);
    ctx.writeAndFlush(USE_TLS.duplicate()).addListener(_ -> SendingSide.shut(ctx.channel()));
  }

  /// Behind the encryption.
  private final class Agreement extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof SslHandshakeCompletionEvent completed) {
        if (completed.isSuccess()) {
          succeeded(ctx);
        } else {
          failed(ctx, completed.cause());
        }
      }
    }

    private void succeeded(ChannelHandlerContext ctx) {
      end(TlsHandshakes.Outcome.AGREED);
      boolean room =
          shared.admission().agreed()
              || terms.loop().makeRoomForRequest(System.nanoTime()) && shared.admission().agreed();
      if (!room) {
        shared.admission().refused(Admission.Reason.FULL);
        var _ = ctx.close();
        return;
      }
      counted = false;
      agreed.accept(shared.identifies() ? shown(ctx) : null);
      ctx.pipeline().remove(TlsEntrance.this);
      ctx.pipeline().remove(this);
    }

    private @Nullable X509Certificate shown(ChannelHandlerContext ctx) {
      try {
        Certificate[] chain =
            ctx.pipeline().get(SslHandler.class).engine().getSession().getPeerCertificates();
        return chain.length > 0 && chain[0] instanceof X509Certificate first ? first : null;
      } catch (SSLPeerUnverifiedException e) {
        return null;
      }
    }

    private void failed(ChannelHandlerContext ctx, Throwable cause) {
      log.debug("no encryption with {}: {}", ctx.channel().remoteAddress(), cause.getMessage());
      end(
          cause instanceof SSLException
              ? TlsHandshakes.Outcome.FAILED
              : TlsHandshakes.Outcome.GONE);
      var _ = ctx.close();
    }

    /// What was wrong has been told by the event.
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      var _ = ctx.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    log.debug("handshake broke: {}", cause.getMessage());
    var _ = ctx.close();
  }

  /// As with requests.
  long silentSinceNanos() {
    return computing.get() > 0 ? Long.MAX_VALUE : heardNanos;
  }

  void tick(long nowNanos) {
    if (nowNanos - deadlineNanos > 0 && (plain || computing.get() == 0)) {
      end(TlsHandshakes.Outcome.TIMEOUT);
      close();
    }
  }

  void giveWay() {
    shared.admission().refused(Admission.Reason.CROWDED);
    end(TlsHandshakes.Outcome.TIMEOUT);
    close();
  }

  void close() {
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      // Not the polite way: nothing has been agreed that one could end.
      ctx.channel().unsafe().close(ctx.newPromise());
    }
  }
}
