// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.rows;

import io.freshet.server.rows.RowRules.State;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A WebSocket of the documents face: operations, subscriptions and streams.
final class DocumentsCaller extends Caller {
  private static final Pattern EVENT =
      Pattern.compile("\"type\":\"event\",\"data\":\\{\"id\":\"(\\w+)");

  private Line line;
  private String lastEvent = "";

  DocumentsCaller(House house, Ledger ledger, String user) {
    super(house, ledger, user, "/ws");
    line = login();
  }

  private Line login() {
    return house.connect(house.documents, "token=" + user);
  }

  @Override
  String take() {
    String text = line.text();
    for (Matcher event = EVENT.matcher(text); event.find(); ) {
      lastEvent = event.group(1);
    }
    return text;
  }

  @Override
  void reconnect() {
    heard();
    line.leave();
    line = login();
    following.clear();
    if (!lastEvent.isEmpty()) {
      line.say(
          "{'type':'subscribe','topic':'sync.note.updated','recover':['%s']}".formatted(lastEvent));
      follow("note");
    }
  }

  @Override
  void act() {
    String collection = anyCollection();
    String id = anyId();
    String place = "'service':'%s','id':'%s'".formatted(collection, id);
    switch (random.nextInt(8)) {
      case 0 -> sync("'op':'get','includeDeleted':true," + place);
      case 1 -> sync("'op':'history'," + place);
      case 2 -> {
        sync("'op':'list','service':'%s'".formatted(collection));
        hears(ledger.visible(user, collection));
      }
      case 3 -> conflict(ledger.draw(collection, id));
      case 4 -> {
        ledger.remove(collection + "/" + id);
        sync("'op':'delete'," + place);
      }
      case 5 -> {
        line.say("{'type':'stream','collection':'%s','from':'earliest'}".formatted(collection));
        hears(ledger.visible(user, collection));
        follow(collection);
      }
      default -> {
        String mode = random.nextBoolean() ? "both" : "full";
        line.say(
            "{'type':'subscribe','topic':'sync.%s.updated','returnMode':'%s','snapshot':true}"
                .formatted(collection, mode));
        hears(ledger.visible(user, collection));
        follow(collection);
      }
    }
  }

  /// There is no such revision; and what is there cannot be created.
  private void conflict(State never) {
    boolean create = ledger.at(never.key()) != null && random.nextBoolean();
    String op = create ? "'op':'create'," : "'op':'replace','expectedRevision':100000,";
    sync(op + "'returnCurrent':true," + members(never));
  }

  private static String members(State state) {
    return "'service':'%s','id':'%s','data':%s"
        .formatted(state.collection(), state.id(), state.json());
  }

  private void sync(String members) {
    line.say("{'type':'sync','requestId':'r'," + members + "}");
  }

  @Override
  boolean write(State state) {
    String op = ledger.at(state.key()) == null ? "create" : "replace";
    ledger.put(state);
    sync("'op':'" + op + "'," + members(state));
    hears(ledger.mayRead(user, state) ? Set.of(state.mark()) : Set.of());
    return true;
  }
}
