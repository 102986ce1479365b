// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.server.rows.RowRules.State;
import java.util.Set;
import java.util.TreeSet;

/// Reads over HTTP, through the routes of both faces.
final class HttpCaller extends Caller {
  HttpCaller(House house, Ledger ledger, String user) {
    super(house, ledger, user, "HTTP");
  }

  @Override
  void act() {
    String collection = anyCollection();
    String id = anyId();
    State state = ledger.at(collection + "/" + id);
    Set<String> one = ledger.mayRead(user, state) ? Set.of(state.mark()) : Set.of();
    String place = "/api/sync/" + collection + "/documents";
    switch (random.nextInt(6)) {
      case 0 -> assertEquals(one, get(place + "/" + id));
      case 1 -> get(place + "/" + id + "?includeDeleted=true");
      case 2 -> assertEquals(ledger.visible(user, collection), get(place));
      case 3 -> get(place + "?includeDeleted=true");
      case 4 -> assertTrue(get(place + "/" + id + "/history").containsAll(one));
      default -> assertEquals(one, record(collection + "/" + id));
    }
  }

  private Set<String> get(String target) {
    return heard(house.call(house.reads, "GET", target, user, "").toString());
  }

  private Set<String> record(String name) {
    String read =
        """
        {"body":[{"topic":"record","action":"read","recordName":"%s"},
                 {"topic":"record","action":"head","recordName":"%s"}]}
        """
            .formatted(name, name);
    return new TreeSet<>(heard(house.call(house.api, "POST", "/api", user, read).toString()));
  }

  @Override
  boolean write(State state) {
    String data = "\"data\":" + state.json().replace('\'', '"');
    String place = "/api/sync/" + state.collection() + "/documents";
    boolean there = ledger.at(state.key()) != null;
    ledger.put(state);
    var answer =
        there
            ? house.call(house.reads, "PUT", place + "/" + state.id(), user, "{" + data + "}")
            : house.call(
                house.reads, "POST", place, user, "{\"id\":\"" + state.id() + "\"," + data + "}");
    assertEquals(there ? 200 : 201, answer.status(), answer::toString);
    heard(answer.toString());
    return true;
  }

  @Override
  String take() {
    return "";
  }
}
