// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.rows;

import io.freshet.protocol.json.Json;
import io.freshet.server.deepstream.wire.AuthAction;
import io.freshet.server.deepstream.wire.ConnectionAction;
import io.freshet.server.deepstream.wire.ConnectionMessage;
import io.freshet.server.deepstream.wire.DecodedFrames;
import io.freshet.server.deepstream.wire.FrameWriter;
import io.freshet.server.deepstream.wire.Message;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RecordMessage;
import io.freshet.server.deepstream.wire.Topic;
import io.freshet.server.net.MessageKind;
import io.freshet.server.rows.RowRules.State;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A client of deepstream: reads, writes and keeps records open.
final class RecordsCaller extends Caller {
  private Line line;

  /// Records it has open and may read.
  private final Set<String> open = new TreeSet<>();

  RecordsCaller(House house, Ledger ledger, String user) {
    super(house, ledger, user, "/deepstream");
    line = login();
  }

  private Line login() {
    Line fresh = house.connect(house.records, "");
    challenge(fresh);
    var out = new FrameWriter();
    out.begin().number(1, AuthAction.REQUEST);
    out.text(2, "{\"token\":\"" + user + "\"}");
    out.end(Topic.AUTH);
    fresh.say(MessageKind.BINARY, DecodedFrames.payload(out));
    return fresh;
  }

  private static void challenge(Line line) {
    var out = new FrameWriter();
    new ConnectionMessage(ConnectionAction.CHALLENGE, "u", "0.1a", "7.0.5", "javascript")
        .writeTo(out);
    line.say(MessageKind.BINARY, DecodedFrames.payload(out));
  }

  private static void say(Line line, Message message) {
    var out = new FrameWriter();
    message.writeTo(out);
    line.say(MessageKind.BINARY, DecodedFrames.payload(out));
  }

  private void say(RecordMessage message) {
    say(line, message);
  }

  @Override
  String take() {
    return line.text();
  }

  @Override
  void reconnect() {
    heard();
    line.leave();
    line = login();
    open.clear();
  }

  @Override
  void act() {
    for (int i = 0; i < 4; i++) {
      one();
    }
  }

  private void one() {
    String name = anyCollection() + "/" + anyId();
    State state = ledger.at(name);
    Set<String> one = ledger.mayRead(user, state) ? Set.of(state.mark()) : Set.of();
    switch (random.nextInt(16)) {
      case 0, 1, 2 -> {
        say(RecordMessage.of(RecordAction.READ).name(name));
        hears(one);
      }
      case 3 -> {
        say(RecordMessage.of(RecordAction.DELETE).name(name));
        ledger.remove(name);
      }
      case 4, 5 -> conflict(name, state);
      case 6, 7 -> unsubscribe(name);
      default -> subscribe(name, state, one);
    }
  }

  /// The version is an old one: a writer is told what there is instead.
  private void conflict(String name, @Nullable State state) {
    if (state != null) {
      State never = ledger.draw(state.collection(), state.id());
      say(
          RecordMessage.of(RecordAction.UPDATE)
              .name(name)
              .version(1)
              .data(Json.parse(never.json().replace('\'', '"'))));
    }
  }

  private void unsubscribe(String name) {
    if (open.remove(name)) {
      say(RecordMessage.of(RecordAction.UNSUBSCRIBE).names(List.of(name)).correlationId("1"));
    }
  }

  /// What is not there is not opened: that would make it.
  private void subscribe(String name, @Nullable State state, Set<String> one) {
    if (state != null && !open.contains(name)) {
      say(
          RecordMessage.of(RecordAction.SUBSCRIBECREATEANDREAD)
              .names(List.of(name))
              .correlationId("0"));
      hears(one);
      if (!one.isEmpty()) {
        open.add(name);
      }
    }
  }

  @Override
  boolean write(State state) {
    ledger.put(state);
    say(
        RecordMessage.of(RecordAction.CREATEANDUPDATE)
            .name(state.key())
            .version(-1)
            .writeAck(true)
            .correlationId("2")
            .data(Json.parse(state.json().replace('\'', '"'))));
    heard();
    return true;
  }

  @Override
  boolean isToBeTold(State state) {
    return open.contains(state.key()) && ledger.mayRead(user, state);
  }

  @Override
  void changed(String key) {
    if (!ledger.mayRead(user, ledger.at(key))) {
      open.remove(key);
    }
  }

  @Override
  void renewed() {
    open.removeIf(key -> !ledger.mayRead(user, ledger.at(key)));
  }
}
