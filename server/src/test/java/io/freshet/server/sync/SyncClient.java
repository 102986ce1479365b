// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import static io.freshet.server.sync.Look.at;
import static io.freshet.server.sync.Look.text;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import io.freshet.server.gate.EngineHarness;
import io.freshet.server.gate.FarEnd;
import io.freshet.server.net.Handshake;
import io.freshet.server.net.MessageKind;
import io.freshet.server.net.SocketHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The far end of a WebSocket of the documents face.
public final class SyncClient extends FarEnd {
  private final EngineHarness harness;
  private final SocketHandler handler;

  public SyncClient(
      EngineHarness harness,
      SyncDoor door,
      EventLoop eventLoop,
      String query,
      List<Map.Entry<String, String>> headers) {
    super(harness, eventLoop);
    this.harness = harness;
    this.handler =
        door.open(
            this,
            new Handshake(
                "/ws?" + query,
                "/ws",
                query,
                "h",
                Optional.empty(),
                Optional.empty(),
                headers,
                PEER,
                null));
  }

  @Override
  protected SocketHandler handler() {
    return handler;
  }

  /// The text of each message.
  @Override
  protected List<String> decoded(ByteBuf frames) {
    var texts = new ArrayList<String>();
    while (frames.isReadable()) {
      int kind = frames.readUnsignedByte();
      int length = frames.readUnsignedByte();
      length =
          length == 126
              ? frames.readUnsignedShort()
              : length == 127 ? (int) frames.readLong() : length;
      String text = frames.readCharSequence(length, StandardCharsets.UTF_8).toString();
      texts.add(kind == 0x81 ? text : "frame of kind " + kind);
    }
    return texts;
  }

  // What a test does.

  /// Sends a message; quotation marks may be single.
  public void say(String frame) {
    if (!closed) {
      byte[] text = frame.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
      handler.onMessage(MessageKind.TEXT, Unpooled.wrappedBuffer(text));
      readComplete();
    }
  }

  /// Sends, settles and returns what came back.
  public List<JsonObject> ask(String frame) {
    say(frame);
    harness.settle();
    return frames();
  }

  /// Sends, settles and returns the one frame that came back.
  public JsonObject askOne(String frame) {
    List<JsonObject> all = ask(frame);
    if (all.size() != 1) {
      throw new AssertionError("not one frame: " + all);
    }
    return all.getFirst();
  }

  /// An operation, and the answer to it.
  public JsonObject sync(String members) {
    return askOne("{'type':'sync','requestId':'r'," + members + "}");
  }

  /// The document after an operation that succeeds.
  public JsonObject done(String members) {
    JsonObject answer = sync(members);
    if (!(answer.get("document") instanceof JsonObject document)) {
      throw new AssertionError("refused: " + answer);
    }
    return document;
  }

  /// The acknowledgement of a subscription.
  public JsonObject subscribe(String members) {
    return askOne("{'type':'subscribe'," + members + "}");
  }

  public List<JsonObject> frames() {
    return take().stream().map(text -> (JsonObject) Json.parse(text)).toList();
  }

  /// The envelopes of the events that have come, which have to be all that has.
  public List<JsonObject> events() {
    var events = new ArrayList<JsonObject>();
    for (JsonObject frame : frames()) {
      if (!text(frame, "type").equals("event")) {
        throw new AssertionError("no event: " + frame);
      }
      events.add((JsonObject) at(frame, "data"));
    }
    return events;
  }

  /// What has come, each event as `operation revision id`.
  public List<String> told() {
    return events().stream().map(Look::told).toList();
  }
}
