// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.rows;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Server-Sent Events: topics of the documents face, or a change stream.
final class EventsCaller extends Caller {
  private static final Pattern ID = Pattern.compile("(?m)^id: ?(\\S+)");

  private final boolean topics;
  private Line line;
  private String collection = "";
  private String lastEvent = "";

  private EventsCaller(House house, Ledger ledger, String user, boolean topics, String door) {
    super(house, ledger, user, door);
    this.topics = topics;
    this.line = open(anyCollection(), "");
  }

  static EventsCaller ofTopics(House house, Ledger ledger, String user) {
    return new EventsCaller(house, ledger, user, true, "/api/sync/stream");
  }

  static EventsCaller ofChanges(House house, Ledger ledger, String user) {
    return new EventsCaller(house, ledger, user, false, "/api/streams");
  }

  private Line open(String which, String from) {
    collection = which;
    lastEvent = from;
    following.clear();
    follow(which);
    return topics
        ? house.events(
            house.documents.streams(),
            "/api/sync/stream?topic=sync."
                + which
                + ".updated&returnMode=both"
                + (from.isEmpty() ? "&snapshot=true" : ""),
            user,
            from)
        : house.events(
            house.documents.changeStreams(),
            "/api/streams/" + which + (from.isEmpty() ? "?from=earliest" : ""),
            user,
            from);
  }

  @Override
  String take() {
    String text = line.text();
    for (Matcher id = ID.matcher(text); id.find(); ) {
      lastEvent = id.group(1);
    }
    return text;
  }

  @Override
  void act() {
    heard();
    line.leave();
    line = open(anyCollection(), "");
    hears(ledger.visible(user, collection));
  }

  @Override
  void reconnect() {
    heard();
    line.leave();
    line = open(collection, lastEvent);
  }
}
