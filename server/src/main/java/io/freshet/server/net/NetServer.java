// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.server.metrics.Metrics;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one port: listens, and hands every connection to its route.
///
/// Threading: a few event loops accept, read and write; each connection stays on one of them.
/// {@link #start} and {@link #close} are called by one thread, the composition root's.
public final class NetServer {
  private static final Logger log = LoggerFactory.getLogger(NetServer.class);
  private static final int BACKLOG = 4096;
  private static final long TICK_MS = 250;
  private static final int RECEIVE_BYTES_MIN = 256;
  private static final int RECEIVE_BYTES_FIRST = 1024;

  /// Also what one connection is read in its turn, before the others of the loop have theirs.
  private static final int RECEIVE_BYTES_MAX = 32 * 1024;

  private final NetOptions options;
  private final Routes routes;
  private final Admission admission;
  private final MultiThreadIoEventLoopGroup group;
  private final IdentityHashMap<EventExecutor, OpenConnection.Terms> loops =
      new IdentityHashMap<>();
  private final Addresses addresses;
  private final @Nullable TlsHandshakes handshakes;
  private final Channel listener;

  /// Binds and begins to accept.
  ///
  /// @throws BindFailedException if the address is in use or not this machine's
  public static NetServer start(
      NetOptions options,
      List<? extends SocketDoor> doors,
      List<StreamDoor> streams,
      List<HttpRoute> pages,
      Metrics metrics) {
    return new NetServer(options, new Routes(doors, streams, pages, metrics), metrics);
  }

  private NetServer(NetOptions options, Routes routes, Metrics metrics) {
    this.options = options;
    this.routes = routes;
    this.admission = new Admission(options.limits(), metrics);
    this.addresses = new Addresses(options.peers());
    metrics.gauge(
        "freshet.connections.addresses",
        "Addresses with connections, of those that are counted",
        addresses::size);
    var memory =
        new BufferMemory(PooledByteBufAllocator.DEFAULT, options.limits().buffersBytesMax());
    metrics.gauge("freshet.buffers.bytes", "Bytes in buffers of connections", memory::usedBytes);
    this.group =
        new MultiThreadIoEventLoopGroup(
            options.eventLoops(), new DefaultThreadFactory("freshet-loop"), ioHandler());
    for (EventExecutor executor : group) {
      var loop = new LoopConnections(memory);
      loops.put(
          executor, new OpenConnection.Terms(options.limits(), options.peers(), admission, loop));
      var _ =
          executor.scheduleAtFixedRate(
              () -> loop.tick(System.nanoTime()), TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
    }
    Tls tls = options.tls();
    this.handshakes = tls == null ? null : new TlsHandshakes(tls, admission, metrics);
    this.listener = bind();
  }

  private static IoHandlerFactory ioHandler() {
    return Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
  }

  private Channel bind() {
    var bootstrap =
        new ServerBootstrap()
            .group(group)
            .channel(listenerClass())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .childOption(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(
                        RECEIVE_BYTES_MIN, RECEIVE_BYTES_FIRST, RECEIVE_BYTES_MAX)
                    .maxMessagesPerRead(1))
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(
                    options.limits().pendingBytesLow(), options.limits().pendingBytesHigh()))
            .childHandler(new Entrance());
    ChannelFuture bound = bootstrap.bind(options.host(), options.port()).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      var _ = group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
      throw new BindFailedException(
          "cannot listen on %s port %d: %s"
              .formatted(options.host(), options.port(), bound.cause().getMessage()),
          bound.cause());
    }
    return bound.channel();
  }

  private static Class<? extends ServerSocketChannel> listenerClass() {
    return Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
  }

  /// Sets up each accepted connection to speak HTTP, or to agree on its encryption before.
  private final class Entrance extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      OpenConnection.Terms terms = termsOf(channel);
      if (!(channel.remoteAddress() instanceof InetSocketAddress peer)
          || !addresses.enter(channel, peer.getAddress())) {
        turnAway(channel, Admission.Reason.ADDRESS);
        return;
      }
      TlsHandshakes tls = handshakes;
      long now = System.nanoTime();
      if (tls != null) {
        if (tls.admit() || terms.loop().makeRoomForHandshake(now) && tls.admit()) {
          channel.pipeline().addLast(tls.entrance(terms, shown -> speakHttp(channel, shown)));
        } else {
          turnAway(channel, Admission.Reason.FULL);
        }
      } else if (admission.admit() || terms.loop().makeRoomForRequest(now) && admission.admit()) {
        speakHttp(channel, null);
      } else {
        turnAway(channel, Admission.Reason.FULL);
      }
    }

    private void turnAway(Channel channel, Admission.Reason why) {
      admission.refused(why);
      var _ = channel.close();
    }

    private void speakHttp(Channel channel, @Nullable X509Certificate shown) {
      var head = new RequestHead(routes, admission);
      channel
          .pipeline()
          .addLast(head, new HttpResponseEncoder())
          .addLast(
              new RequestHandler(
                  head, routes, options.access(), termsOf(channel), addresses, shown));
    }
  }

  private OpenConnection.Terms termsOf(Channel channel) {
    OpenConnection.Terms terms = loops.get(channel.eventLoop());
    if (terms == null) {
      throw new IllegalStateException("connection on a foreign event loop");
    }
    return terms;
  }

  /// Where the server listens, with the port that was picked.
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  /// Stops accepting, closes every connection (WebSockets with a code their gateway chooses, or
  /// 1001, after what is queued for them) and ends the event loops. Returns when done, or when the
  /// time is over; whatever is open then is cut off. Does nothing the second time.
  public void close(Duration patience) {
    if (group.isShuttingDown()) {
      return;
    }
    listener.close().awaitUninterruptibly();
    for (Map.Entry<EventExecutor, OpenConnection.Terms> each : loops.entrySet()) {
      each.getKey().execute(() -> each.getValue().loop().closeAll());
    }
    boolean allGone = admission.awaitNone(patience);
    if (handshakes != null) {
      handshakes.close();
    }
    group
        .shutdownGracefully(0, 0, TimeUnit.SECONDS)
        .awaitUninterruptibly(patience.toMillis(), TimeUnit.MILLISECONDS);
    log.info("sockets closed{}", allGone ? "" : ", some by force");
  }
}
