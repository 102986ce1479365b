// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.server.deepstream.wire.AuthAction;
import io.freshet.server.deepstream.wire.ConnectionAction;
import io.freshet.server.deepstream.wire.ConnectionMessage;
import io.freshet.server.deepstream.wire.DecodedFrames;
import io.freshet.server.deepstream.wire.FrameReader;
import io.freshet.server.deepstream.wire.FrameWriter;
import io.freshet.server.deepstream.wire.RecordMessage;
import io.freshet.server.deepstream.wire.Topic;
import io.freshet.testkit.Eventually;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/// A client over a real socket that logs in and keeps what it is sent.
final class SocketClient implements WebSocket.Listener, AutoCloseable {
  private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
  private final List<RecordMessage> records = new ArrayList<>();
  private final List<String> received = new ArrayList<>();
  private final WebSocket socket;
  private volatile boolean closed;

  SocketClient(HttpClient http, InetSocketAddress server) {
    var url = URI.create("ws://127.0.0.1:" + server.getPort() + "/deepstream");
    socket = http.newWebSocketBuilder().buildAsync(url, this).join();
  }

  static SocketClient loggedIn(HttpClient http, InetSocketAddress server) {
    var client = new SocketClient(http, server);
    var out = new FrameWriter();
    new ConnectionMessage(ConnectionAction.CHALLENGE, "u", "0.1a", "7.1.0", "test").writeTo(out);
    client.send(DecodedFrames.payload(out));
    out.begin().number(1, AuthAction.REQUEST);
    out.text(2, "{}");
    out.end(Topic.AUTH);
    client.send(DecodedFrames.payload(out));
    client.await("AUTH 3 data=null"::equals);
    return client;
  }

  void send(RecordMessage message) {
    var out = new FrameWriter();
    message.writeTo(out);
    send(DecodedFrames.payload(out));
  }

  /// Sends a message of any bytes; nothing when the connection is closed.
  void send(byte[] payload) {
    if (!closed) {
      try {
        socket.sendBinary(ByteBuffer.wrap(payload), true).join();
      } catch (java.util.concurrent.CompletionException e) {
        closed = true;
      }
    }
  }

  /// Waits for a message.
  String await(Predicate<String> wanted) {
    var found = new String[1];
    Eventually.holds(() -> {
      synchronized (this) {
        found[0] = received.stream().filter(wanted).findFirst().orElse(null);
      }
      return found[0] != null;
    });
    return found[0];
  }

  synchronized List<RecordMessage> records() {
    return List.copyOf(records);
  }

  synchronized List<String> received() {
    return List.copyOf(received);
  }

  boolean isClosed() {
    return closed;
  }

  /// Breaks the connection off.
  @Override
  public void close() {
    socket.abort();
  }

  @Override
  public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
    var bytes = new byte[data.remaining()];
    data.get(bytes);
    partial.writeBytes(bytes);
    if (last) {
      byte[] payload = partial.toByteArray();
      partial.reset();
      take(payload);
    }
    from.request(1);
    return null;
  }

  private synchronized void take(byte[] payload) {
    new FrameReader()
        .read(
            Unpooled.wrappedBuffer(payload),
            (topic, body) -> received.add(DecodedFrames.describe(topic, body, records::add)));
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closed = true;
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    closed = true;
  }
}
