// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.rows;

import io.freshet.server.net.JudgedDoor;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A client of Pulse, with a stream that has a name, or a subscription.
final class PulseCaller extends Caller {
  private static final Pattern ID = Pattern.compile("\\{\"id\":\"(\\w{26})\",\"action\"");
  private static final String FIELDS =
      """
      [{"name":"id","kind":"scalar","type":"String"},\
      {"name":"mark","kind":"scalar","type":"String"},\
      {"name":"owner","kind":"scalar","type":"String"},\
      {"name":"open","kind":"scalar","type":"Boolean"}]\
      """;

  private final JudgedDoor to;
  private Line line;
  private String collection = "";

  private PulseCaller(House house, Ledger ledger, String user, JudgedDoor to) {
    super(house, ledger, user, to.path());
    this.to = to;
    this.line = open(anyCollection());
  }

  static PulseCaller ofStreams(House house, Ledger ledger, String user) {
    return new PulseCaller(house, ledger, user, house.streams);
  }

  static PulseCaller ofSubscriptions(House house, Ledger ledger, String user) {
    return new PulseCaller(house, ledger, user, house.subscriptions);
  }

  private Line open(String which) {
    collection = which;
    following.clear();
    follow(which);
    String model =
        "{\"modelName\":\"%s\",\"model\":{\"dbName\":\"%s\",\"schema\":null,\"fields\":%s}}"
            .formatted(which, which, FIELDS);
    String name = "{\"name\":\"" + user + "-" + which + "\"}";
    return house.knock(
        to, user, Map.of("Subscription", model, "Stream", name, "Prisma-Client-Version", "7.10.0"));
  }

  /// Not everything is acknowledged: it comes once more.
  @Override
  String take() {
    String text = line.text();
    String last = "";
    for (Matcher id = ID.matcher(text); id.find(); ) {
      last = id.group(1);
    }
    if (!last.isEmpty() && random.nextInt(3) > 0) {
      line.say("{'type':'ack','id':'" + last + "'}");
    }
    return text;
  }

  @Override
  void act() {
    heard();
    line.leave();
    line = open(anyCollection());
  }

  @Override
  void reconnect() {
    heard();
    line.leave();
    line = open(collection);
  }
}
