// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.rows;

import io.freshet.server.gate.EngineHarness;
import io.freshet.server.gate.FarEnd;
import io.freshet.server.net.Connection;
import io.freshet.server.net.HttpAnswer;
import io.freshet.server.net.MessageKind;
import io.freshet.server.net.SocketHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;

/// The far end of a connection of any door. Keeps the bytes it was sent, each as a character.
final class Line extends FarEnd {
  private final EngineHarness house;
  private final SocketHandler handler;
  private String refusal = "";

  /// @param gateway what the door makes of the connection
  Line(EngineHarness house, Function<Connection, SocketHandler> gateway) {
    super(house, house.loops.getFirst().eventLoop());
    this.house = house;
    this.handler = gateway.apply(this);
    house.settle();
  }

  /// One that never came to be.
  Line(EngineHarness house, HttpAnswer refusal) {
    this(house, _ -> new Nobody());
    this.refusal = refusal.toString();
    this.closed = true;
  }

  /// What has come since the last call.
  String text() {
    String told = refusal + String.join("", take());
    refusal = "";
    return told;
  }

  void say(MessageKind kind, byte[] payload) {
    if (!closed) {
      handler.onMessage(kind, Unpooled.wrappedBuffer(payload));
      readComplete();
      house.settle();
    }
  }

  /// Quotation marks may be single.
  void say(String json) {
    say(MessageKind.TEXT, json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  void leave() {
    if (!closed) {
      disconnect();
      house.settle();
    }
  }

  @Override
  protected SocketHandler handler() {
    return handler;
  }

  @Override
  protected List<String> decoded(ByteBuf frames) {
    return frames.isReadable() ? List.of(frames.toString(StandardCharsets.ISO_8859_1)) : List.of();
  }

  private static final class Nobody implements SocketHandler {
    @Override
    public void onMessage(MessageKind kind, ByteBuf payload) {
      payload.release();
    }

    @Override
    public void onReadComplete() {}

    @Override
    public void onWritabilityChanged(boolean writable) {}

    @Override
    public void onClosed() {}
  }
}
