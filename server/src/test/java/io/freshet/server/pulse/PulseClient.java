// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.freshet.server.gate.EngineHarness;
import io.freshet.server.gate.FarEnd;
import io.freshet.server.net.Handshake;
import io.freshet.server.net.JudgedDoor.Opening;
import io.freshet.server.net.MessageKind;
import io.freshet.server.net.SocketHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// The far end of one WebSocket of a Pulse client, for as long as its time is the test's.
final class PulseClient extends FarEnd {
  private static final int TEXT = 0x81;

  private final EngineHarness harness;
  private final CompletableFuture<Opening> answer;
  private SocketHandler handler;

  /// Sends its handshake.
  PulseClient(EngineHarness harness, PulseDoor door, String name) {
    super(harness, harness.loops.getFirst().eventLoop());
    this.harness = harness;
    String stream = "{\"name\":\"" + name + "\"}";
    this.answer =
        door.open(
                new Handshake(
                    door.path(),
                    door.path(),
                    "",
                    "h",
                    Optional.empty(),
                    Optional.empty(),
                    Users.headers("", stream),
                    PEER,
                    null))
            .toCompletableFuture();
    harness.settle();
  }

  /// The handshake's answer was `101`.
  PulseClient begin() throws Exception {
    Opening opening = answer.get(30, TimeUnit.SECONDS);
    handler = assertInstanceOf(Opening.Accepted.class, opening).gateway().apply(this);
    harness.settle();
    return this;
  }

  /// What it was told instead.
  String refusal() throws Exception {
    Opening opening = answer.get(30, TimeUnit.SECONDS);
    return assertInstanceOf(Opening.Refused.class, opening).answer().toString();
  }

  boolean isAnswered() {
    return answer.isDone();
  }

  void pong() {
    handler.onSign();
    readComplete();
    harness.settle();
  }

  void say(String text) {
    handler.onMessage(
        MessageKind.TEXT, Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8)));
    readComplete();
    harness.settle();
  }

  @Override
  protected SocketHandler handler() {
    return handler;
  }

  /// `ping`, or the text of each message.
  @Override
  protected List<String> decoded(ByteBuf frames) {
    var texts = new ArrayList<String>();
    while (frames.isReadable()) {
      int kind = frames.readUnsignedByte();
      int length = frames.readUnsignedByte();
      length = length == 126 ? frames.readUnsignedShort() : length;
      String text = frames.readCharSequence(length, StandardCharsets.UTF_8).toString();
      texts.add(kind == TEXT ? text : kind == 0x89 ? "ping" : "frame of kind " + kind);
    }
    return texts;
  }
}
